import "./common";

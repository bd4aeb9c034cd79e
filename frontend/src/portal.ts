import "./common";
import "./wait";

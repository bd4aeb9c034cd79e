import "./common";
import "./keyboard";
import "./reveal";

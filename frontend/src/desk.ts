import "./common";
import "./keyboard";
import "./presence";
import "./reveal";
import "./wall";

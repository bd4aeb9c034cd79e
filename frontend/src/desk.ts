import "./common";
import "./files";
import "./keyboard";
import "./presence";
import "./recent";
import "./reveal";
import "./typing";
import "./wall";

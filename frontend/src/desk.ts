import "./common";

import "./beside";
import "./files";
import "./keyboard";
import "./presence";
import "./recent";
import "./reveal";
import "./tabs";
import "./talk";
import "./typing";
import "./wall";

import "./common";

import "./beside";
import "./blanks";
import "./files";
import "./keyboard";
import "./presence";
import "./recent";
import "./reveal";
import "./tabs";
import "./talk";
import "./typing";
import "./wall";

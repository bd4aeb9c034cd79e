import "./common";

import "./beside";
import "./blanks";
import "./files";
import "./keyboard";
import "./live";
import "./macros";
import "./presence";
import "./recent";
import "./reveal";
import "./sift";
import "./tabs";
import "./talk";
import "./ticks";
import "./typing";
import "./approvals";
import "./wall";

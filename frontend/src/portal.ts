import "./common";
import "./print";
import "./wait";

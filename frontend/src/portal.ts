import "./common";
import "./files";
import "./print";
import "./wait";

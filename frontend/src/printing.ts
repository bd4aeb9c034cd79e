// The button that prints, where a page is made for paper.
import { onClick } from "./page";

onClick("[data-print]", () => print());

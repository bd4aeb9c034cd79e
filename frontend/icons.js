// One SVG sprite of the icons the templates name, so that a page asks for one small file and no icon font.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

const OUTLINE = new URL("node_modules/@tabler/icons/icons/outline/", import.meta.url);
const NAMED = /{%\s*icon\s+"([a-z0-9-]+)"/g;

/**
 * A Vite plugin: collects `{% icon "name" %}` from the templates and the names listed in `extra` (those that Python
 * tables choose), and writes them as `src/icons.svg` of the manifest. An unknown name stops the build.
 */
export function iconSprite({ templates, extra }) {
  return {
    name: "icon-sprite",
    generateBundle() {
      const names = [...new Set([...namesInTemplates(templates), ...namesInList(extra)])].sort();
      const source = `<svg xmlns="http://www.w3.org/2000/svg">${names.map(symbol).join("")}</svg>\n`;
      this.emitFile({ type: "asset", name: "icons.svg", originalFileName: "src/icons.svg", source });
    },
  };
}

function namesInTemplates(folder) {
  return readdirSync(folder, { recursive: true })
    .filter((file) => file.endsWith(".html"))
    .flatMap((file) => [...readFileSync(join(folder, file), "utf8").matchAll(NAMED)].map((match) => match[1]));
}

function namesInList(file) {
  return readFileSync(file, "utf8").split("\n").map((line) => line.replace(/#.*/, "").trim()).filter(Boolean);
}

function symbol(name) {
  const svg = readFileSync(new URL(`${name}.svg`, OUTLINE), "utf8");
  const inner = svg.slice(svg.indexOf(">", svg.indexOf("<svg")) + 1, svg.lastIndexOf("</svg>")).replace(/\s*\n\s*/g, "");
  const pen = 'fill="none" stroke="currentColor" stroke-linecap="round" stroke-linejoin="round"';
  return `<symbol id="${name}" viewBox="0 0 24 24" ${pen}>${inner}</symbol>`;
}

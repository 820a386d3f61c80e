// Prints the relevant nodes of an XForm for each case: node odk_routes.cjs MODULES FORM CASES
const { readFileSync } = require('node:fs');
const { createRequire } = require('node:module');
const { pathToFileURL } = require('node:url');

const [modules, form, cases] = process.argv.slice(2);
const installed = createRequire(`${modules}/`);
const { window } = new (installed('jsdom').JSDOM)('<!doctype html>', { url: 'http://localhost/' });
const WANTED = /^(Node|Element|Attr|Document|DOMParser|XMLSerializer|XPath|Text|Comment|CDATA|Processing|HTML|NamedNodeMap|CharacterData|XMLDocument)/;
for (const name of Object.getOwnPropertyNames(window).filter((each) => WANTED.test(each))) {
  globalThis[name] = window[name];
}
Object.assign(globalThis, { window, document: window.document, require: installed, __dirname });

const nameOf = (node) => node.currentState.reference.split('/').pop();

function answer(root, data) {
  const nodes = new Map();
  const walk = (node) => {
    for (const child of node.currentState.children ?? []) {
      nodes.set(nameOf(child), child);
      walk(child);
    }
  };
  walk(root);
  for (const [name, value] of Object.entries(data)) {
    const node = nodes.get(name);
    if (Array.isArray(value)) node.selectValues(value);
    else if (node.nodeType === 'select') node.selectValue(value);
    else node.setValue(value);
  }
}

function relevant(node, found = []) {
  for (const child of node.currentState.children ?? []) {
    if (child.currentState.relevant) {
      found.push(nameOf(child));
      relevant(child, found);
    }
  }
  return found;
}

(async () => {
  const engine = await import(pathToFileURL(installed.resolve('@getodk/xforms-engine')));
  const loaded = await engine.loadForm(readFileSync(form, 'utf8'));
  const shown = JSON.parse(readFileSync(cases, 'utf8')).map((data) => {
    const { root } = loaded.createInstance();
    answer(root, data);
    return relevant(root);
  });
  console.log(JSON.stringify({ faults: loaded.status === 'failure' ? ['no form'] : [], shown }));
})();

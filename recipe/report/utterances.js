"use strict";
// Shows the utterances of one comparison and part, in the order asked for, some at a time.
const SHOWN_AT_ONCE = 50;
const DATA = JSON.parse(document.getElementById("data").textContent);
const field = name => document.getElementById(name);
const [NAME, SPEAKER, DIGITAL, DEVICE, WORDS] = [0, 1, 2, 3, 4];
const difference = one => one[DEVICE] - one[DIGITAL];
const ORDERS = {
  difference: one => -Math.abs(difference(one)),
  worse: one => -difference(one),
  better: difference,
  device: one => -one[DEVICE],
  digital: one => -one[DIGITAL],
  name: () => 0,
};
let found = [];

function element(kind, text, className) {
  const made = document.createElement(kind);
  made.textContent = text ?? "";
  if (className) made.className = className;
  return made;
}

function column(words) {
  const [spoken, ...recognised] = typeof words === "string" ? [words, words, words] : words;
  const made = element("span", "", "column");
  made.append(element("span", spoken || "\u00a0"));
  for (const word of recognised) {
    const wrong = word.toLowerCase() !== spoken.toLowerCase();
    const text = !wrong ? word || "\u00a0" : !word ? "\u2212" : spoken ? word : "+" + word;
    made.append(element("span", text, wrong ? "wrong" : ""));
  }
  return made;
}

function shown(one) {
  const made = element("article"), words = element("div", "", "words"), names = element("span", "", "column names");
  const by = difference(one);
  const sign = by > 0 ? "+" + by : by < 0 ? "\u2212" + -by : "no difference";
  made.append(element("h2", `${one[NAME]} (${one[SPEAKER]}): errors ${one[DIGITAL]} digital, ${one[DEVICE]} device, ${sign}`));
  if (Object.hasOwn(DATA.audio, one[NAME])) {
    const audio = element("audio");
    audio.controls = true; audio.preload = "none"; audio.src = DATA.audio[one[NAME]];
    made.append(audio);
  }
  names.append(...["spoken", "digital", "device"].map(name => element("span", name)));
  words.append(names, ...one[WORDS].map(column));
  made.append(words);
  return made;
}

function more() {
  const list = field("list");
  list.append(...found.slice(list.children.length, list.children.length + SHOWN_AT_ONCE).map(shown));
  field("more").hidden = list.children.length >= found.length;
}

function choose() {
  const one = DATA.comparisons.find(c => c.title === field("title").value && c.part === field("part").value);
  const text = field("text").value.trim().toLowerCase(), order = ORDERS[field("order").value];
  found = (one ? one.utterances : []).filter(u => JSON.stringify(u).toLowerCase().includes(text));
  found.sort((a, b) => order(a) - order(b) || (a[NAME] < b[NAME] ? -1 : 1));
  const sum = column => found.reduce((all, u) => all + u[column], 0);
  const noun = found.length === 1 ? "utterance" : "utterances";
  field("count").textContent = `${found.length} ${noun}, errors ${sum(DIGITAL)} digital, ${sum(DEVICE)} device`;
  field("list").replaceChildren();
  more();
}

for (const name of ["title", "part", "order", "text"]) field(name).addEventListener("input", choose);
field("more").addEventListener("click", more);
document.querySelector("form").addEventListener("submit", event => event.preventDefault());
choose();

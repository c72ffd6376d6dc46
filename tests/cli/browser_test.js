// Runs in a report, after its own script: steps through it as a user would and says what is not as it should be. The
// result goes to the page around (browser_test.cpp), or into this one.
(async () => {
  const lines = [];
  const expect = (condition, what) => lines.push(`${condition ? "ok" : "FAILED"} ${what}`);
  const at = (id) => document.getElementById(id);
  const pause = () => new Promise((done) => setTimeout(done, 30));
  const press = (key) => document.body.dispatchEvent(new KeyboardEvent("keydown", {key, bubbles: true, cancelable: true}));
  const where = () => at("where").textContent;
  const isWide = () => document.documentElement.scrollWidth <= document.documentElement.clientWidth;

  function luminance(colour) {
    const [r, g, b] = colour.match(/[\d.]+/g).map(Number).map((one) => one / 255)
        .map((one) => (one <= 0.03928 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  }

  function backgroundOf(element) {
    for (let one = element; one; one = one.parentElement) {
      const colour = getComputedStyle(one).backgroundColor;
      if (!/, 0\)$/.test(colour)) return colour;
    }
    return "rgb(255, 255, 255)";
  }

  /** WCAG 2.1, 1.4.3: 4.5 for text. Disabled buttons are excepted there. */
  function faintTexts() {
    const faint = new Set();
    for (const element of document.body.querySelectorAll("*:not(svg *):not(script):not(style):not(template):not(.sr)")) {
      const hasText = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim() !== "");
      if (!hasText || element.closest("[hidden], [disabled], .sr, noscript, .skip") || !element.getClientRects().length) continue;
      const [a, b] = [luminance(getComputedStyle(element).color), luminance(backgroundOf(element))];
      const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
      if (ratio < 4.5) faint.add(`${element.tagName}.${element.className} ${ratio.toFixed(2)}`);
    }
    return [...faint];
  }

  const data = JSON.parse(at("data").textContent);
  const steps = data.files.flatMap((file) => file.checks).flatMap((check) => check.broken)[0].story.steps;

  /** Takes every step that the first states offer, and a long way, by the keyboard and the buttons. */
  async function exploreAll() {
    expect(!!data.explore, "the page has cases to explore, or says why not");
    if (data.explore.graphs.length === 0) {
      expect(at("explore-left-out").textContent.includes(data.explore.left_out[0]), "a case that is too large is named");
      return;
    }
    const graph = data.explore.graphs[0];
    const buttons = () => [...document.querySelectorAll("#explore-next button")];
    const way = () => document.querySelectorAll("#explore-way button").length;
    const type = (key) => document.activeElement.dispatchEvent(new KeyboardEvent("keydown", {key, bubbles: true, cancelable: true}));
    location.hash = "#explore-1";
    await pause();
    expect(document.activeElement === at("explore-title"), "an address leads to exploring");
    const first = graph.nodes[graph.initial[0]][2].length;
    if (graph.initial.length === 1) expect(buttons().length === first, `the first state offers ${first} steps`);
    let taken = 0;
    for (; taken < 12 && buttons().length > 0; ++taken) {
      const wanted = buttons()[taken % buttons().length];
      const text = wanted.querySelector(".line").firstChild.textContent;
      wanted.focus();
      wanted.click();
      expect(way() === taken + (graph.initial.length > 1 ? 0 : 1), `step ${taken + 1} is a part of the way`);
      if (way() > 0) expect(at("explore-now").textContent.includes(text), "the live region tells the step");
      expect(document.activeElement !== document.body && document.activeElement.closest("#explore"), "the focus stays");
      expect(isWide(), "no horizontal scrolling while exploring");
    }
    const there = location.hash;
    const state = at("explore-state").textContent;
    expect(document.querySelector("#explore-source .text .now"), "the statement is marked in the source");
    expect(document.querySelector("#explore-state .changed"), "changes are marked");
    type("ArrowLeft");
    expect(way() === taken - (graph.initial.length > 1 ? 2 : 1), "left goes back");
    type("Home");
    expect(way() === 0, "home goes to the start");
    type("1");
    expect(location.hash !== "#explore-1", "a number takes a step");
    location.hash = there;
    await pause();
    expect(at("explore-state").textContent === state, "an address of a way leads to the same state");
    const shown = document.querySelectorAll("#explore-state tr").length;
    at("explore-changing").click();
    expect(document.querySelectorAll("#explore-state tr").length >= shown && isWide(), "all variables while exploring");
    at("explore-start").click();
    expect(way() === 0, "the button leads to the start");
    if (data.explore.graphs.length > 1) {
      at("explore-which").value = "1";
      at("explore-which").dispatchEvent(new Event("change"));
      expect(location.hash.startsWith("#explore-2"), "another case");
    }
    location.hash = "#run-1-step-2";
    await pause();
    if (!at("to-explore").hidden) {
      at("to-explore").click();
      expect(document.activeElement === at("explore-title"), "exploring from a step of the run");
      expect(at("explore-now").textContent.includes("After step 2"), "says from which");
      const steps = graph.nodes.length > 0 ? buttons().length : 0;
      expect(steps > 0, "and offers steps");
      location.hash = "#run-1-step-2";
      await pause();
    }
  }

  try {
    const last = document.querySelectorAll("#steps li:not(.turn) > button").length;
    expect(where() === `step 1 of ${last}`, `begins at step 1: ${where()}`);
    expect(isWide(), `no horizontal scrolling: ${document.documentElement.scrollWidth} of ${document.documentElement.clientWidth}`);
    press("ArrowLeft");
    expect(where() === `step 0 of ${last}`, "left");
    press("ArrowLeft");
    expect(where() === `step 0 of ${last}` && at("back").disabled, "left at the begin stays");
    for (let step = 1; step <= last; ++step) {
      press("ArrowRight");
      expect(where() === `step ${step} of ${last}` && isWide(), `right to step ${step}`);
      expect(at("now").textContent.startsWith(`${step}. `), `the live region speaks of step ${step}`);
      const marked = document.querySelectorAll('#steps button[aria-current="step"]');
      expect(marked.length === 1 && marked[0].textContent.startsWith(`${step}`), `step ${step} is marked in the list`);
      const hasPlace = steps[step - 1].lines.some((line) => line.place);
      expect(!hasPlace || document.querySelector("#source .text .now"), `a line of the source is marked in step ${step}`);
      const svg = document.querySelector("#timeline svg");
      const x = Number(svg.dataset.gutter) + (step - 1) * Number(svg.dataset.column);
      expect(Number(svg.querySelector(".now").getAttribute("x")) === x, `step ${step} is marked in the timeline`);
    }
    const turn = document.querySelector("#steps .turn button");
    press("ArrowRight");
    expect(where() === (turn ? `${turn.textContent} of ${last}` : `step ${last} of ${last}`), `beyond the end: ${where()}`);
    press("End");
    expect(where() === `step ${last} of ${last}`, "end");
    press("Home");
    expect(where() === `step 0 of ${last}`, "home");
    at("next").click();
    expect(where() === `step 1 of ${last}`, "the button");
    document.querySelectorAll("#steps li:not(.turn) > button")[last - 1].click();
    expect(where() === `step ${last} of ${last}`, "a step of the list");
    const rows = document.querySelectorAll("#state tr").length;
    at("changing").click();
    expect(document.querySelectorAll("#state tr").length >= rows, "all variables");
    expect(isWide(), "no horizontal scrolling with all variables");

    const links = [...document.querySelectorAll("#runs a")];
    for (const link of links) {
      link.click();
      await pause();
      expect(location.hash.startsWith(link.getAttribute("href")), `a link leads to its run: ${location.hash}`);
      expect(link.getAttribute("aria-current") === "true", "and is the current one");
      expect(at("run-title").textContent.includes(link.querySelector("code").textContent), "and its rule is shown");
      press("End");
      expect(isWide(), "no horizontal scrolling there");
    }
    const inTable = document.querySelector("#verdicts .matrix a");
    expect((inTable === null) === (data.command === "explain"), "only a run that is told alone is without the table of a check");
    if (inTable) {
      inTable.click();
      await pause();
      expect(location.hash.startsWith(inTable.getAttribute("href")), "a rule of the table leads to its run");
    }
    location.hash = "#run-1-step-2";
    await pause();
    expect(where().startsWith("step 2 of"), "an address of a step");

    await exploreAll();

    for (const details of document.querySelectorAll("details")) details.open = true;
    expect(isWide(), "no horizontal scrolling with all details");
    for (const button of document.querySelectorAll("button")) expect(button.textContent.trim() !== "", "a button has a name");
    for (const region of document.querySelectorAll('[role="region"]')) expect(region.getAttribute("aria-label"), "a region has a name");
    for (const link of document.querySelectorAll("#rule a[href^=http]")) expect(link.href.startsWith("https://"), `a document: ${link.href}`);
    const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
    expect(new Set(ids).size === ids.length, "each id is there once");
    const faint = faintTexts();
    expect(faint.length === 0, `contrast: ${faint.join(", ")}`);
    const isDark = matchMedia("(prefers-color-scheme: dark)").matches;
    lines.push(`theme ${isDark ? "dark" : "light"} ${getComputedStyle(document.body).backgroundColor}`);
  } catch (problem) {
    lines.push(`FAILED ${problem.stack}`);
  }
  for (const problem of window.problems) lines.push(`FAILED ${problem}`);
  lines.push("done");
  parent.postMessage(lines.join("\n"), "*");
})();

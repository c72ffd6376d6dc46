// The report as a page: shows one run at a time, step by step. All data is in the element "data" (the outcome as
// docs/schema/outcome.schema.json describes it, with states, sources and addresses of documents), the timelines are
// templates. Text reaches the page as text, never as markup.
"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const at = (id) => document.getElementById(id);

  /** An element: h("p", {class: "dim"}, "text", child). What is null is left out. */
  function h(tag, attributes, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) {
      if (value === null || value === undefined || value === false) continue;
      element.setAttribute(name, value === true ? "" : value);
    }
    element.append(...children.flat().filter((child) => child !== null && child !== undefined));
    return element;
  }

  /** A name that may be broken after its dots and underscores. */
  function nameOf(text) {
    const parts = text.split(/(?<=[._])/);
    return h("code", null, parts.flatMap((part, i) => (i === 0 ? [part] : [h("wbr"), part])));
  }

  const plural = (count, word) => `${count} ${word}${count === 1 ? "" : "s"}`;

  /** "1, 2, 5-7": ascending numbers. */
  function numbers(list) {
    const parts = [];
    for (let i = 0; i < list.length; ) {
      let end = i;
      while (end + 1 < list.length && list[end + 1] === list[end] + 1) ++end;
      if (end >= i + 2) parts.push(`${list[i]}–${list[end]}`);
      else for (let k = i; k <= end; ++k) parts.push(`${list[k]}`);
      i = end + 1;
    }
    return parts.join(", ");
  }

  // ------------------------------------------------------------------------------------------ runs

  /** What is broken in any check, in order; each knows its check and file. */
  const runs = [];
  for (const file of data.files) {
    for (const check of file.checks) {
      for (const broken of check.broken) {
        const run = {file, check, broken, story: broken.story, number: runs.length + 1};
        run.rule = check.rules.find((rule) => rule.name === broken.rule) || {name: broken.rule, citations: []};
        run.steps = run.story ? run.story.steps : [];
        run.loop = run.story && broken.loop !== undefined ? broken.loop : null;
        runs.push(run);
      }
    }
  }

  /** The states of a run, computed once: for each position the values of all variables and where everybody is. */
  function statesOf(run) {
    if (run.states) return run.states;
    let values = run.broken.variables.map((variable) => variable.value);
    let contexts = new Map();
    run.states = [{values, contexts, changed: new Map()}];
    run.steps.forEach((step, i) => {
      const changed = new Map();
      const next = values.slice();
      for (const [variable, value] of run.broken.values[i]) {
        changed.set(variable, values[variable]);
        next[variable] = value;
      }
      values = next;
      if (step.level_after !== null) {
        contexts = new Map(contexts);
        if (step.lines.some((line) => line.kind === "end")) contexts.delete(step.who);
        else contexts.set(step.who, {cpu: step.cpu_after, level: step.level_after});
      }
      run.states.push({values, contexts, changed});
    });
    return run.states;
  }

  /** For each step the calls that its context is in when it begins: places of the design, outermost first. */
  function callsOf(run) {
    if (run.calls) return run.calls;
    const stacks = new Map();
    run.calls = run.steps.map((step) => {
      const stack = stacks.get(step.who) || [];
      const before = stack.slice();
      for (const line of step.lines) {
        if (line.kind === "call") stack.push(line.place);
        else if (line.kind === "return") stack.pop();
        else if (line.kind === "end" || line.kind === "start") stack.length = 0;
      }
      stacks.set(step.who, stack);
      return before;
    });
    return run.calls;
  }

  /** The colour class of a context: that of its bars in the timeline. */
  function colourOf(run, who) {
    if (!run.order) run.order = [...new Set(run.steps.filter((s) => s.level_after !== null).map((s) => s.who))];
    const index = run.order.indexOf(who);
    return index < 0 ? "timeline-who hw" : `timeline-who w${index % 8}`;
  }

  // ------------------------------------------------------------------------------------------ source

  const placeText = (place) => `${place.file.replace(/^.*[/:]/, "")}:${place.line}`;

  /** A file with numbered lines; made once. */
  const panes = new Map();
  function paneOf(file, made = panes) {
    if (made.has(file)) return made.get(file);
    const text = h("div", {class: "text", tabindex: "0", role: "region", "aria-label": `Source of ${file}`});
    const lines = (data.sources[file] || "").replace(/\n$/, "").split("\n");
    lines.forEach((line, i) => text.append(h("div", null, h("span", null, `${i + 1}`), h("span", null, line || " "))));
    const pane = {element: h("div", {class: "pane"}, h("h4", null, file), text), text, marked: []};
    made.set(file, pane);
    return pane;
  }

  function mark(pane, place, style) {
    for (let number = place.line; number <= place.end_line; ++number) {
      const line = pane.text.children[number - 1];
      if (!line) continue;
      line.classList.add(style);
      if (style === "now" && number === place.line) line.setAttribute("aria-current", "true");
      pane.marked.push(line);
      if (number - place.line > 3) break;
    }
  }

  function unmark(pane) {
    for (const line of pane.marked) {
      line.removeAttribute("class");
      line.removeAttribute("aria-current");
    }
    pane.marked = [];
  }

  /** Scrolls inside the pane only, so that the page stays where it is. */
  function bringIntoView(box, line) {
    const top = line.getBoundingClientRect().top - box.getBoundingClientRect().top + box.scrollTop;
    if (top < box.scrollTop + 20 || top + line.offsetHeight > box.scrollTop + box.clientHeight - 20) {
      box.scrollTop = Math.max(0, top - box.clientHeight / 3);
    }
  }

  /** The text beside a step: the design, and the library where the step is in it. */
  function showSource(run, position) {
    for (const pane of panes.values()) unmark(pane);
    const step = position > 0 ? run.steps[position - 1] : run.steps[0];
    const places = step ? step.lines.map((line) => line.place).filter((place) => place) : [];
    const calls = position > 0 ? callsOf(run)[position - 1] : [];
    const own = run.check.place ? run.check.place.file : run.file.name;
    const isLast = position === run.steps.length;
    const broken = isLast && run.broken.finding ? run.broken.finding.place : null;
    const files = [...new Set([own, ...calls.map((p) => p.file), ...places.map((p) => p.file),
                               ...(broken ? [broken.file] : [])])].filter((file) => file in data.sources);
    const chosen = files.filter((file) => file !== own).slice(-1);
    const shown = (files.includes(own) ? [own] : []).concat(chosen);
    at("source").replaceChildren(...shown.map((file) => paneOf(file).element));
    for (const file of shown) {
      const pane = paneOf(file);
      for (const place of calls) if (place && place.file === file) mark(pane, place, "call");
      const here = places.filter((place) => place.file === file);
      if (position > 0) here.forEach((place, i) => mark(pane, place, i + 1 < here.length ? "part" : "now"));
      if (broken && broken.file === file) mark(pane, broken, "broken");
      const target = pane.text.querySelector(".now") || pane.text.querySelector(".broken, .call");
      if (target) bringIntoView(pane.text, target);
    }
  }

  // ------------------------------------------------------------------------------------------ state

  function whereText(context) {
    return `${context.cpu === null ? "no cpu" : `cpu ${context.cpu}`}, ${context.level}`;
  }

  function contextRows(run, position) {
    const before = position > 0 ? statesOf(run)[position - 1].contexts : new Map();
    const rows = [];
    for (const [who, where] of statesOf(run)[position].contexts) {
      const old = before.get(who);
      const isNew = position > 0 && (!old || whereText(old) !== whereText(where));
      rows.push(h("tr", {class: isNew ? "changed" : null}, h("th", {scope: "row"}, who),
                  h("td", null, whereText(where), isNew && old ? h("span", {class: "was"}, ` (was ${whereText(old)})`) : null)));
    }
    return rows;
  }

  function variableRows(run, position) {
    const state = statesOf(run)[position];
    if (!run.changing) run.changing = new Set(run.broken.values.flat().map(([variable]) => variable));
    const onlyChanging = at("changing").checked;
    const rows = [];
    run.broken.variables.forEach((variable, i) => {
      if (onlyChanging && !run.changing.has(i)) return;
      const isChanged = state.changed.has(i);
      rows.push(h("tr", {class: isChanged ? "changed" : null}, h("th", {scope: "row"}, variable.name),
                  h("td", null, state.values[i],
                    isChanged ? h("span", {class: "was"}, ` (was ${state.changed.get(i)})`) : null)));
    });
    return rows;
  }

  function showState(run, position) {
    const table = (caption, rows) => rows.length === 0 ? null
        : h("table", null, h("caption", null, caption), h("tbody", null, rows));
    const box = h("div", {class: "scrolls", tabindex: "0", role: "region", "aria-label": "Values of variables"},
                  table("What is where", contextRows(run, position)),
                  table("Variables", variableRows(run, position)));
    at("state").replaceChildren(box);
    const changed = box.querySelector("tbody .changed");
    if (changed) bringIntoView(box, changed);
  }

  // ------------------------------------------------------------------------------------------ steps

  const isUnmoved = (step) => step.cpu_before === step.cpu_after && step.level_before === step.level_after;

  function stepTitle(step) {
    if (step.level_before === null) return `${step.who} (${step.role})`;
    const place = (cpu, level) => `${cpu === null ? "no cpu" : `cpu ${cpu}`}, ${level}`;
    const before = place(step.cpu_before, step.level_before);
    return `${step.who} (${step.role}), ${isUnmoved(step) ? before : `${before} → ${place(step.cpu_after, step.level_after)}`}`;
  }

  function lineText(line) {
    if (line.kind === "start") return `starts: ${line.text}`;
    if (line.kind === "call") return `→ ${line.text}`;
    if (line.kind === "return") return `← ${line.text}`;
    if (line.kind === "choice") return `chosen: ${line.text}`;
    return line.text;
  }

  function changesOf(line) {
    return line.changes.map((one) => h("span", {class: "change mono"}, `${one.variable}: ${one.before} → ${one.after}`));
  }

  /** What the live region says of a position. */
  function showNow(run, position) {
    if (position === 0) {
      const values = run.story.initially.map((one) => h("li", {class: "mono"}, `${one.variable} = ${one.value}`));
      at("now").replaceChildren(h("h3", null, "Before the first step"),
                                values.length > 0 ? h("p", null, "These values may be any in the design; in this run:") : null,
                                h("ul", null, values));
      return;
    }
    const step = run.steps[position - 1];
    const lines = step.lines.map((line) =>
        h("li", {style: `--depth: ${line.depth}`}, h("code", null, lineText(line)),
          line.place ? h("span", {class: "dim"}, ` ${placeText(line.place)}`) : null, changesOf(line)));
    const isEnd = position === run.steps.length;
    const end = isEnd && run.broken.finding && run.broken.finding.is_broken !== false
        ? h("p", {class: "bad"}, run.loop === null ? `✗ ${run.broken.rule} is broken` : `↻ back to step ${run.loop + 1}, forever`) : null;
    at("now").replaceChildren(h("h3", {class: `who ${colourOf(run, step.who)}`}, `${position}. ${stepTitle(step)}`),
                              h("ul", null, lines), ...(end ? [end] : []));
  }

  function stepItem(run, step, i) {
    const lines = step.lines.slice(0, 6).map((line) =>
        h("span", {class: "line", style: `--depth: ${line.depth}`}, lineText(line), changesOf(line)));
    if (step.lines.length > 6) lines.push(h("span", {class: "line"}, `and ${plural(step.lines.length - 6, "more line")}`));
    const button = h("button", {type: "button"}, h("span", {class: "number"}, `${i + 1}`),
                     h("span", {class: `who ${colourOf(run, step.who)}`}, stepTitle(step)), lines);
    button.addEventListener("click", () => go(i + 1));
    return h("li", {class: run.loop !== null && i >= run.loop ? "loop" : null}, button);
  }

  function stepItems(run) {
    const items = [];
    run.steps.forEach((step, i) => {
      if (run.loop === i) items.push(h("li", {class: "turn"}, "↻ what follows repeats forever"));
      items.push(stepItem(run, step, i));
    });
    if (run.loop !== null && run.loop < run.steps.length) {
      const turn = h("button", {type: "button"}, `step ${run.loop + 1}`);
      turn.addEventListener("click", () => go(run.loop + 1));
      items.push(h("li", {class: "turn"}, "↻ back to", turn));
    }
    return items;
  }

  function showSteps(run, position) {
    const list = at("steps");
    const buttons = list.querySelectorAll("li:not(.turn) > button");
    buttons.forEach((button, i) => {
      if (i + 1 === position) button.setAttribute("aria-current", "step");
      else button.removeAttribute("aria-current");
    });
    if (position > 0) bringIntoView(list, buttons[position - 1].parentElement);
    else list.scrollTop = 0;
  }

  // ------------------------------------------------------------------------------------------ timeline

  function svgOf() {
    return at("timeline").querySelector("svg");
  }

  function keepLabels() {
    const svg = svgOf();
    if (svg) svg.querySelector(".labels").setAttribute("transform", `translate(${at("timeline").scrollLeft} 0)`);
  }

  function drawTimeline(run) {
    const template = at(run.broken.timeline);
    at("timeline").replaceChildren(template ? template.content.cloneNode(true) : "");
    const svg = svgOf();
    if (!svg) return;
    svg.addEventListener("click", (event) => {
      const x = event.clientX - svg.getBoundingClientRect().left - Number(svg.dataset.gutter);
      const step = Math.floor(x / Number(svg.dataset.column)) + 1;
      if (x >= 0 && step <= run.steps.length) go(step);
    });
  }

  function showTimeline(position) {
    const svg = svgOf();
    if (!svg) return;
    const [gutter, column] = [Number(svg.dataset.gutter), Number(svg.dataset.column)];
    const x = position === 0 ? -100 : gutter + (position - 1) * column;
    svg.querySelector(".now").setAttribute("x", x);
    const box = at("timeline");
    if (x - box.scrollLeft < gutter + column) box.scrollLeft = Math.max(0, x - gutter - 2 * column);
    if (x + 2 * column > box.scrollLeft + box.clientWidth) box.scrollLeft = x + 3 * column - box.clientWidth;
    keepLabels();
  }

  // ------------------------------------------------------------------------------------------ the run at hand

  let current = null;
  let position = 0;

  function citation(text) {
    const address = data.documents[text];
    return h("p", null, "Source: ", address ? h("a", {href: address, rel: "noreferrer"}, text) : text);
  }

  /** The run that begins like this one, and for how many steps; of those shown before. */
  function relative(run) {
    let best = null;
    for (const other of runs) {
      if (other === run) break;
      if (other.check !== run.check || other.broken.shown_case !== run.broken.shown_case || !other.story) continue;
      let common = 0;
      while (common < run.steps.length && common < other.steps.length &&
             JSON.stringify(run.steps[common]) === JSON.stringify(other.steps[common])) ++common;
      if (common > 0 && (!best || common > best.common)) best = {other, common};
    }
    return best;
  }

  function lengthText(run) {
    const count = plural(run.steps.length, "step");
    if (run.loop === null) return run.broken.finding.shortest ? `The shortest run that breaks it has ${count}.` : `The run has ${count}.`;
    const rest = run.steps.length - run.loop;
    return rest === 0 ? `After ${count} nothing happens any more.`
                      : `${plural(run.loop, "step")} lead to ${plural(rest, "step")} that repeat forever.`;
  }

  function blockedList(run) {
    if (!run.story || run.story.blocked.length === 0) return null;
    return h("div", null, h("p", null, run.loop === null ? "Cannot go on:" : "Never gets further:"),
             h("ul", null, run.story.blocked.map((one) =>
                 h("li", null, h("code", null, one.who), ` (${one.role}) ${one.why}`, one.place ? h("span", {class: "dim"}, ` ${placeText(one.place)}`) : null))));
  }

  function showRule(run) {
    const {rule, broken} = run;
    const finding = broken.finding;
    const cases = run.check.cases.length > 1
        ? h("p", null, `Broken in ${broken.cases.length === 1 ? "case" : "cases"} ${numbers(broken.cases)} of ${run.check.cases.length}; this is case ${broken.shown_case}.`) : null;
    const like = relative(run);
    at("run-title").replaceChildren(finding && finding.is_broken === false ? "" : h("span", {class: "bad"}, "✗ "), nameOf(rule.name));
    at("rule").replaceChildren(...[
      rule.title ? h("p", null, h("strong", null, rule.title)) : null,
      rule.because ? h("p", null, `Because: ${rule.because}`) : null,
      ...(rule.citations || []).map(citation),
      finding && finding.message ? h("p", {class: "bad"}, finding.message) : null,
      finding && finding.place ? h("p", {class: "dim"}, `Broken at ${finding.place.file}:${finding.place.line}`) : null,
      cases,
      run.story ? h("p", null, lengthText(run)) : h("p", {class: "note"}, noRunText(run)),
      like ? h("p", null, `Its first ${plural(like.common, "step")} ${like.common === 1 ? "is that" : "are those"} of `,
               h("a", {href: `#run-${like.other.number}`}, like.other.rule.name), ".") : null,
      blockedList(run),
    ].filter((one) => one));
  }

  /** Sentences of what would have made the difference; the numbers of their steps lead there. */
  function showWhy(run) {
    const sentences = run.story && run.broken.why || [];
    at("why").hidden = sentences.length === 0;
    at("why").querySelector("ul").replaceChildren(...sentences.map((one) => h("li", null, one.text, one.steps.length <= 3 ? one.steps.map((step) => {
      const button = h("button", {type: "button", class: "inline"}, `to step ${step}`);
      button.addEventListener("click", () => go(step));
      return [" ", button];
    }).flat() : null)));
  }

  function noRunText(run) {
    const finding = run.broken.finding;
    if (finding && finding.run_not_found) return `The run was not found within the limits (${finding.run_not_found}).`;
    return "There is no run to show: no run does what the rule wants.";
  }

  function show(run) {
    current = run;
    document.querySelectorAll("#runs a").forEach((link) => {
      if (link.getAttribute("href") === `#run-${run.number}`) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    });
    showRule(run);
    showWhy(run);
    at("run").hidden = false;
    at("run").classList.toggle("has-no-run", !run.story);
    for (const element of at("run").querySelectorAll(".controls, #now, #timeline, .panels, :scope > h3")) element.hidden = !run.story;
    if (!run.story) return;
    drawTimeline(run);
    at("steps").replaceChildren(...stepItems(run));
  }

  /** Shows the state after `wanted` steps. Beyond the end of a loop it goes on at its begin. */
  function go(wanted) {
    if (!current || !current.story) return;
    const last = current.steps.length;
    if (wanted > last && current.loop !== null && current.loop < last) wanted = current.loop + 1;
    position = Math.min(Math.max(wanted, 0), last);
    at("where").textContent = `step ${position} of ${last}`;
    at("first").disabled = at("back").disabled = position === 0;
    at("next").disabled = position === last && !(current.loop !== null && current.loop < last);
    at("last").disabled = position === last;
    showNow(current, position);
    showSteps(current, position);
    showTimeline(position);
    showSource(current, position);
    showState(current, position);
    at("to-explore").hidden = !current.broken.explore || current.broken.explore.nodes.length === 0;
    history.replaceState(null, "", `#run-${current.number}-step-${position}`);
  }

  /** "#run-2-step-7", "#run-2": the run, and the step to begin at. */
  function follow() {
    const where = /^#explore-(\d+)(?:-(\d+)(?:-([\d.]+))?)?$/.exec(location.hash);
    if (where && graphs[Number(where[1]) - 1]) {
      const first = runs.find((one) => one.story);
      if (first && !current) show(first), go(1);
      return openExplore(Number(where[1]) - 1, where[2], where[3]);
    }
    const found = /^#run-(\d+)(?:-step-(\d+))?$/.exec(location.hash);
    const run = found ? runs[Number(found[1]) - 1] : runs.find((one) => one.story) || runs[0];
    if (!run) return;
    if (run !== current) show(run);
    go(found && found[2] !== undefined ? Number(found[2]) : 1);
    if (found && found[2] === undefined) at("run").focus();
  }

  // ------------------------------------------------------------------------------------------ exploring

  /** Graphs of whole cases: {title, variables, contexts, values, deeds, rules, nodes, initial}; docs/understanding.md. */
  const graphs = data.explore ? data.explore.graphs : [];
  const explorePanes = new Map();
  let graph = null;
  let way = [];  // {node, step, breaks, hasEnded}: where we are after each step; the first has no step

  /** The values of all variables in a state, by number, computed from the differences to the states before it. */
  function valuesIn(node) {
    if (!graph.states) graph.states = [];
    const open = [];
    for (let one = node; !graph.states[one]; one = graph.nodes[one][0]) {
      open.push(one);
      if (graph.nodes[one][0] === one) break;
    }
    while (open.length > 0) {
      const one = open.pop();
      const [from, changes] = graph.nodes[one];
      const values = (from === one ? graph.variables.map((variable) => variable[1]) : graph.states[from]).slice();
      for (let i = 0; i < changes.length; i += 2) values[changes[i]] = changes[i + 1];
      graph.states[one] = values;
    }
    return graph.states[node];
  }

  const here = () => way[way.length - 1];
  const isChoosingStart = () => way.length === 0;

  /** Variables that have more than one value in the graph. */
  function changingIn() {
    if (!graph.changing) {
      graph.changing = new Set();
      for (const [, changes] of graph.nodes) for (let i = 0; i < changes.length; i += 2) graph.changing.add(changes[i]);
    }
    return graph.changing;
  }

  /** "nic.count: 0 → 1" for each variable that the last step changed. */
  function changesHere() {
    if (way.length < 2) return [];
    const [before, after] = [valuesIn(way[way.length - 2].node), valuesIn(here().node)];
    const changes = [];
    after.forEach((value, i) => {
      if (value !== before[i] && i >= graph.contexts) {
        changes.push(`${graph.variables[i][0]}: ${graph.values[before[i]]} → ${graph.values[value]}`);
      }
    });
    return changes;
  }

  const brokenHere = () => isChoosingStart() ? [] : [...new Set([...here().breaks, ...(graph.nodes[here().node][3] || [])])];
  const stepsHere = () => isChoosingStart() || here().hasEnded ? [] : graph.nodes[here().node][2];

  function deedText(deed) {
    const [who, text] = graph.deeds[deed];
    return `${who}: ${text}`;
  }

  function showExploreNow() {
    const box = at("explore-now");
    if (isChoosingStart()) return box.replaceChildren(h("h3", null, "Before the first step"), h("p", null, "Choose a state to begin with."));
    const last = here();
    const title = last.deed === undefined ? (last.title || "Before the first step") : `${way.length - 1}. ${deedText(last.deed)}`;
    const rules = brokenHere().map((rule) => h("p", {class: "bad"}, `✗ ${graph.rules[rule]} is broken`));
    const isOver = stepsHere().length === 0;
    box.replaceChildren(h("h3", null, title), h("ul", null, changesHere().map((text) => h("li", {class: "mono"}, text))), ...rules,
                        ...(isOver ? [h("p", null, "Nothing can happen any more.")] : []));
  }

  function exploreButton(number, texts, isBad, action) {
    const button = h("button", {type: "button", "data-bad": isBad}, h("span", {class: "number"}, `${number}`), texts);
    button.addEventListener("click", action);
    return h("li", null, button);
  }

  /** Initial states by what tells them from each other. */
  function startItems() {
    const told = new Set();
    for (const node of graph.initial) for (let i = 0; i < graph.nodes[node][1].length; i += 2) told.add(graph.nodes[node][1][i]);
    return graph.initial.map((node, i) => {
      const values = valuesIn(node);
      const text = [...told].map((one) => `${graph.variables[one][0]} = ${graph.values[values[one]]}`).join(", ");
      return exploreButton(i + 1, h("span", {class: "line"}, text), false, () => explore([{node, breaks: []}]));
    });
  }

  function showNext() {
    const items = isChoosingStart() ? startItems() : stepsHere().map(([deed, , ...breaks], i) => {
      const [who, text, place] = graph.deeds[deed];
      const rules = breaks.map((rule) => h("span", {class: "line bad"}, `✗ breaks ${graph.rules[rule]}`));
      return exploreButton(i + 1, [h("span", null, who), h("span", {class: "line"}, text, place ? h("span", {class: "dim"}, ` ${placeText(place)}`) : null), rules],
                           breaks.length > 0, () => takeStep(i));
    });
    at("explore-next").replaceChildren(...items);
  }

  function showWay() {
    const items = way.slice(1).map((one, i) => {
      const rules = one.breaks.map((rule) => h("span", {class: "line bad"}, `✗ ${graph.rules[rule]}`));
      const item = exploreButton(i + 1, [h("code", null, deedText(one.deed)), rules], false, () => explore(way.slice(0, i + 2)));
      if (i + 2 === way.length) item.firstChild.setAttribute("aria-current", "step");
      return item;
    });
    at("explore-way").replaceChildren(...items);
    at("explore-way").scrollTop = at("explore-way").scrollHeight;
  }

  function showExploreState() {
    if (isChoosingStart()) return at("explore-state").replaceChildren();
    const values = valuesIn(here().node);
    const before = way.length > 1 ? valuesIn(way[way.length - 2].node) : values;
    const onlyChanging = at("explore-changing").checked;
    const row = (i) => {
      const isChanged = values[i] !== before[i];
      return h("tr", {class: isChanged ? "changed" : null}, h("th", {scope: "row"}, graph.variables[i][0]),
               h("td", null, graph.values[values[i]], isChanged ? h("span", {class: "was"}, ` (was ${graph.values[before[i]]})`) : null));
    };
    const rows = (begin, end) => {
      const shown = [];
      for (let i = begin; i < end; ++i) if (!onlyChanging || changingIn().has(i)) shown.push(row(i));
      return shown;
    };
    const table = (caption, body) => body.length === 0 ? null : h("table", null, h("caption", null, caption), h("tbody", null, body));
    const box = h("div", {class: "scrolls", tabindex: "0", role: "region", "aria-label": "Values of variables while exploring"},
                  table("What is where, and does next", rows(0, graph.contexts)), table("Variables", rows(graph.contexts, values.length)));
    at("explore-state").replaceChildren(box);
    const changed = box.querySelector("tbody .changed");
    if (changed) bringIntoView(box, changed);
  }

  /** The statement that was executed, and those that can be next. */
  function showExploreSource() {
    for (const pane of explorePanes.values()) unmark(pane);
    const last = isChoosingStart() || here().deed === undefined ? null : graph.deeds[here().deed][2];
    const next = stepsHere().map(([deed]) => graph.deeds[deed][2]).filter((place) => place);
    const file = (last || next[0] || {file: graph.file}).file;
    const files = [...new Set([graph.file, file])].filter((one) => one in data.sources);
    at("explore-source").replaceChildren(...files.map((one) => paneOf(one, explorePanes).element));
    for (const one of files) {
      const pane = paneOf(one, explorePanes);
      for (const place of next) if (place.file === one) mark(pane, place, "call");
      if (last && last.file === one) mark(pane, last, "now");
      const target = pane.text.querySelector(".now") || pane.text.querySelector(".call");
      if (target) bringIntoView(pane.text, target);
    }
  }

  /** Shows a way through the graph, and keeps its address. */
  function explore(wanted) {
    const hadFocus = document.activeElement && document.activeElement.closest("#explore-next, #explore-way, #explore .controls");
    way = wanted;
    at("explore-where").textContent = isChoosingStart() ? "step 0" : `step ${way.length - 1}`;
    at("explore-back").disabled = way.length <= (graph.initial.length > 1 ? 0 : 1);
    showExploreNow();
    showNext();
    showWay();
    showExploreState();
    showExploreSource();
    if (hadFocus && !hadFocus.matches(".controls")) (at("explore-next").querySelector("button") || at("explore-back")).focus();
    const steps = way.slice(1).map((one) => one.step + 1).join(".");
    const base = isChoosingStart() ? "" : `-${way[0].node}${steps ? `-${steps}` : ""}`;
    history.replaceState(null, "", `#explore-${graphs.indexOf(graph) + 1}${base}`);
  }

  function withStep(taken, index) {
    const from = taken[taken.length - 1].node;
    const [deed, to, ...breaks] = graph.nodes[from][2][index];
    return taken.concat([{node: to < 0 ? from : to, deed, step: index, breaks, hasEnded: to < 0}]);
  }

  function takeStep(index) {
    if (isChoosingStart() && index < graph.initial.length) return explore([{node: graph.initial[index], breaks: []}]);
    if (index < stepsHere().length) explore(withStep(way, index));
  }

  const beginning = () => graph.initial.length > 1 ? [] : [{node: graph.initial[0], breaks: []}];

  function chooseGraph(index) {
    graph = graphs[index];
    at("explore-which").value = `${index}`;
  }

  /** What an address says: a graph, a state, steps from there. */
  function openExplore(index, node, steps) {
    chooseGraph(index);
    let wanted = beginning();
    if (node !== undefined && graph.nodes[Number(node)]) {
      wanted = [{node: Number(node), breaks: []}];
      for (const step of (steps || "").split(".").filter((one) => one !== "")) {
        const last = wanted[wanted.length - 1];
        if (last.hasEnded || !graph.nodes[last.node][2][Number(step) - 1]) break;
        wanted = withStep(wanted, Number(step) - 1);
      }
    }
    explore(wanted);
    at("explore-title").focus();
    at("explore-title").scrollIntoView();
  }

  function exploreFromRun() {
    const {graph: index, nodes} = current.broken.explore;
    const step = Math.min(position, nodes.length - 1);
    chooseGraph(index);
    explore([{node: nodes[step], breaks: [], title: step === 0 ? null : `After step ${step} of the run that breaks ${current.rule.name}`}]);
    at("explore-title").focus();
    at("explore-title").scrollIntoView();
  }

  function exploreKey(event) {
    if (event.target.closest("select, input")) return;
    const number = /^[1-9]$/.test(event.key) ? Number(event.key) : 0;
    if (number === 0 && event.key !== "ArrowLeft" && event.key !== "Home") return;
    event.preventDefault();
    if (number > 0) takeStep(number - 1);
    else if (event.key === "Home") explore(beginning());
    else if (!at("explore-back").disabled) explore(way.slice(0, -1));
  }

  function beginExploring() {
    const leftOut = data.explore ? data.explore.left_out : [];
    at("explore").hidden = graphs.length === 0 && leftOut.length === 0;
    at("explore-all").hidden = graphs.length === 0;
    at("explore-left-out").hidden = leftOut.length === 0;
    at("explore-left-out").textContent = leftOut.length === 0 ? "" : `Too large for a page: ${leftOut.join("; ")}. 'quiesce simulate' steps through any case in a terminal.`;
    at("explore-which").replaceChildren(...graphs.map((one, i) => h("option", {value: `${i}`}, `${one.title} (${plural(one.nodes.length, "state")})`)));
    if (graphs.length === 0) return;
    const address = location.hash;
    chooseGraph(0);
    explore(beginning());
    history.replaceState(null, "", address || location.pathname);
    at("explore-which").addEventListener("change", (event) => { chooseGraph(Number(event.target.value)); explore(beginning()); });
    at("explore-start").addEventListener("click", () => explore(beginning()));
    at("explore-back").addEventListener("click", () => explore(way.slice(0, -1)));
    at("explore-changing").addEventListener("change", showExploreState);
    at("to-explore").addEventListener("click", exploreFromRun);
  }

  // ------------------------------------------------------------------------------------------ verdicts

  const kMarks = {
    violated: ["✗", "bad"], unknown: ["?", "doubt"], vacuous: ["∅", "doubt"], holds: ["✓", "good"], "not exercised": ["–", "dim"],
  };
  const kOrder = Object.keys(kMarks);
  const markOf = (verdict) => kMarks[verdict] || ["·", "dim"];

  function verdictWord(verdict) {
    const [sign, style] = markOf(verdict);
    return h("span", {class: style}, `${sign} ${verdict}`);
  }

  function cell(result) {
    if (!result) return h("td", null, "");
    const [sign, style] = markOf(result.verdict);
    const why = result.reason ? result.reason.text : null;
    return h("td", {class: style, title: why ? `${result.verdict}: ${why}` : result.verdict},
             h("span", {"aria-hidden": "true"}, sign), h("span", {class: "sr"}, result.verdict));
  }

  function ruleRow(check, rule) {
    const results = check.cases.map((one) => one.rules.find((result) => result.rule === rule.name));
    const run = runs.find((one) => one.check === check && one.broken.rule === rule.name);
    const name = run ? h("a", {href: `#run-${run.number}`}, nameOf(rule.name)) : nameOf(rule.name);
    const head = h("th", {scope: "row"}, name, rule.title ? h("small", null, rule.title) : null);
    if (results.length !== 1) return h("tr", null, head, results.map(cell));
    const why = results[0] && results[0].reason ? h("small", null, results[0].reason.text) : null;
    return h("tr", null, head, h("td", null, results[0] ? verdictWord(results[0].verdict) : "", why));
  }

  const worst = (check, rule) =>
      Math.min(kOrder.length, ...check.cases.map((one) => {
        const result = one.rules.find((each) => each.rule === rule.name);
        return result ? kOrder.indexOf(result.verdict) : kOrder.length;
      }));

  function matrix(check, rules, caption) {
    const isMany = check.cases.length !== 1;
    const head = h("tr", null, h("th", {scope: "col", class: "stretch"}, "rule"),
                   isMany ? check.cases.map((one) => h("th", {scope: "col", title: one.title}, `${one.number}`)) : h("th", {scope: "col"}, "verdict"));
    return h("div", {class: "scrolls", tabindex: "0", role: "region", "aria-label": caption},
             h("table", {class: "matrix"}, h("caption", null, caption), h("thead", null, head),
               h("tbody", null, rules.map((rule) => ruleRow(check, rule)))));
  }

  const parameterText = (parameters) => parameters.map((one) => `${one.name} = ${one.value}`).join(", ");

  /** Parameters that are the same in all cases, and the names of the others. */
  function commonParameters(check) {
    const same = (one) => check.cases.every((other) => other.parameters.some((p) => p.name === one.name && p.value === one.value));
    return check.cases.length === 0 ? [] : check.cases[0].parameters.filter(same);
  }

  function commonText(check) {
    const common = commonParameters(check);
    const chosen = common.filter((one) => !one.default);
    const left = common.filter((one) => one.default);
    return [chosen.length > 0 ? h("p", null, check.cases.length > 1 ? "In all cases: " : "With ", h("code", null, parameterText(chosen))) : null,
            left.length > 0 ? h("details", null, h("summary", {class: "dim"}, `${plural(left.length, "parameter")} as by default`),
                                h("p", null, h("code", null, parameterText(left)))) : null];
  }

  function caseItem(check, one) {
    const common = commonParameters(check).map((parameter) => parameter.name);
    const parameters = parameterText(one.parameters.filter((parameter) => !common.includes(parameter.name)));
    const figures = `${plural(one.statistics.distinct_states, "distinct state")}, depth ${one.statistics.depth}`;
    const match = one.comparison ? one.comparison.match : "";
    const wrong = match && match !== "as expected" ? h("p", {class: "doubt"}, one.comparison.text) : null;
    return h("li", null, parameters ? h("code", null, parameters) : one.title, " ", verdictWord(one.verdict),
             h("span", {class: "dim"}, ` ${figures}${match === "as expected" ? "; as expected" : ""}`), wrong);
  }

  function checkSection(check) {
    const title = check.place ? `${placeText(check.place)}: check ${check.system}` : `check ${check.system}`;
    const rules = check.rules.map((rule) => ({rule, worst: worst(check, rule)})).sort((a, b) => a.worst - b.worst);
    const idle = rules.filter((one) => one.worst >= kOrder.indexOf("not exercised")).map((one) => one.rule);
    const shown = rules.filter((one) => one.worst < kOrder.indexOf("not exercised")).map((one) => one.rule);
    const unused = `${plural(idle.length, "rule")} not exercised: no run does what they speak of`;
    const content = [
      h("ol", {class: "cases"}, check.cases.map((one) => caseItem(check, one))), ...commonText(check),
      shown.length > 0 ? matrix(check, shown, check.cases.length === 1 ? "Rules" : "Rules by case") : null,
      idle.length > 0 ? h("details", null, h("summary", null, unused), matrix(check, idle, "Not exercised")) : null,
    ];
    const head = h("h3", null, title, " ", verdictWord(check.verdict));
    const isFolded = check.verdict === "holds" && runs.length > 0;
    return isFolded ? h("details", {class: "check"}, h("summary", null, head), content) : h("section", null, head, content);
  }

  function diagnosticItem(one) {
    const where = one.place ? `${one.place.file}:${one.place.line}:${one.place.column}: ` : "";
    return h("li", {class: "mono"}, where, h("span", {class: one.severity === "error" ? "bad" : "doubt"}, `${one.severity}: `),
             `${one.message} [${one.code}]`, one.notes.map((note) => h("div", {class: "dim"}, `note: ${note}`)));
  }

  function fileSection(file) {
    return h("section", null, h("h2", null, file.name),
             file.problem ? h("p", {class: "bad"}, file.problem) : null,
             file.diagnostics.length > 0 ? h("ul", null, file.diagnostics.map(diagnosticItem)) : null,
             file.checks.filter((check) => check.cases.length > 0).map(checkSection));
  }

  function summary() {
    if (data.note) return h("span", null, data.note);
    const checks = data.files.flatMap((file) => file.checks);
    const cases = checks.flatMap((check) => check.cases);
    const wrong = data.files.filter((file) => file.problem || file.diagnostics.some((one) => one.severity === "error")).length;
    const broken = runs.length === 0 ? h("span", {class: "good"}, "no rule is broken") : h("span", {class: "bad"}, `${plural(runs.length, "rule")} broken`);
    const open = cases.filter((one) => one.verdict === "unknown").length;
    return h("span", null, cases.length > 0 ? broken : "nothing was checked", ` in ${plural(checks.length, "check")} with ${plural(cases.length, "case")}`,
             open > 0 ? `; ${plural(open, "case")} undecided` : null, wrong > 0 ? `; ${plural(wrong, "file")} with mistakes` : null);
  }

  function runLinks() {
    const name = (run) => data.files.length > 1 || run.file.checks.length > 1 ? h("small", null, ` ${run.check.place ? placeText(run.check.place) : run.file.name}`) : null;
    return h("ul", null, runs.map((run) => h("li", null, h("a", {href: `#run-${run.number}`}, nameOf(run.rule.name), name(run),
        h("small", null, run.story ? ` ${plural(run.steps.length, "step")}` : " no run")))));
  }

  // ------------------------------------------------------------------------------------------ begin

  at("summary").replaceChildren(summary());
  at("made").textContent = `Made by quiesce ${data.tool.version}.`;
  if (runs.length > 0) at("runs").replaceChildren(runLinks());
  else at("runs").hidden = true;
  at("verdicts").replaceChildren(...data.files.map(fileSection));
  if (data.files.every((file) => file.checks.every((check) => check.cases.length === 0) && file.diagnostics.length === 0 && !file.problem)) {
    at("verdicts").hidden = true;
  }

  at("first").addEventListener("click", () => go(0));
  at("back").addEventListener("click", () => go(position - 1));
  at("next").addEventListener("click", () => go(position + 1));
  at("last").addEventListener("click", () => go(current.steps.length));
  at("changing").addEventListener("change", () => showState(current, position));
  at("timeline").addEventListener("scroll", keepLabels);
  window.addEventListener("hashchange", follow);
  document.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (graphs.length > 0 && event.target.closest && event.target.closest("#explore")) return exploreKey(event);
    if (!current || !current.story) return;
    const wanted = {ArrowLeft: position - 1, ArrowRight: position + 1, Home: 0, End: current.steps.length}[event.key];
    if (wanted === undefined) return;
    event.preventDefault();
    go(wanted);
  });
  beginExploring();
  follow();
})();

#include "checker/report/html_report.h"

#include <map>

#include <fmt/format.h>

#include "checker/report/document_link.h"
#include "checker/report/explored_document.h"
#include "checker/report/html_parts.h"
#include "checker/report/outcome_document.h"
#include "checker/report/timeline_svg.h"
#include "checker/report/xml_text.h"

namespace quiesce::checker {

using namespace model;

namespace {

const char* kind_name(StoryVariable::Kind kind) {
  switch (kind) {
    case StoryVariable::Kind::Truth:
      return "truth";
    case StoryVariable::Kind::Lock:
      return "lock";
    case StoryVariable::Kind::Life:
      return "life";
    case StoryVariable::Kind::Other:
      return "other";
  }
  return "";
}

/// The page as it grows: what the stories need beside the outcome itself.
class Page {
 public:
  explicit Page(const PageAdditions& additions)
      : additions_(additions), is_exploring_(static_cast<bool>(additions.explore)) {}

  /// Adds to an element of `broken` why it is, as far as that is known.
  static void add_why(const std::vector<RunSentence>& why, Json& broken) {
    broken["why"] = Json::array();
    for (const RunSentence& one : why) {
      Json steps = Json::array();
      for (const std::size_t step : one.steps) steps.push_back(step + 1);
      broken["why"].push_back({{"text", one.text}, {"steps", std::move(steps)}});
    }
  }

  /// Adds to an element of `broken` the states of its story, and to the page its timeline and the texts that it passes.
  void add(const DocumentedStory& told, Json& broken) {
    const auto explored = explored_.find(told.of_case);
    if (told.of_case != nullptr && explored != explored_.end()) {
      broken["explore"] = {{"graph", explored->second},
                           {"nodes", additions_.states_of_run(*told.of_case, *told.finding)}};
    }
    const Story& story = told.story;
    broken["loop"] = story.loop ? Json(*story.loop) : Json(nullptr);
    broken["variables"] = Json::array();
    for (const StoryVariable& one : story.variables) {
      broken["variables"].push_back({{"name", one.name}, {"value", one.value}, {"kind", kind_name(one.kind)}});
    }
    broken["values"] = Json::array();
    for (const std::vector<StoryValue>& step : story.values) {
      Json changes = Json::array();
      for (const StoryValue& one : step) changes.push_back({one.variable, one.value});
      broken["values"].push_back(std::move(changes));
    }
    add_sources(told);
    broken["timeline"] = fmt::format("timeline-{}", ++stories_);
    timelines_ += fmt::format("<template id=\"timeline-{}\">\n{}</template>\n", stories_,
                              timeline_svg(told.system.level_names, story,
                                           fmt::format("Timeline of {}", broken.at("rule").get<std::string>())));
  }

  /// All states of the cases that are explored, at most one of each check, where they are few enough.
  void explore(const CheckedFile& file) {
    if (!additions_.explore || file.sources == nullptr) return;
    for (const CheckOutcome& check : file.checks) {
      if (check.cases.empty()) continue;
      const CaseOutcome& case_ = check.cases[check.broken.empty() ? 0 : check.broken.front().best];
      const ExploredGraph* graph = additions_.explore(case_, *file.sources);
      if (graph == nullptr || !add_graph(case_.title, case_.span, *graph, *file.sources)) {
        left_out_.push_back(case_.title);
      } else {
        explored_[&case_] = graphs_.size() - 1;
      }
    }
  }

  /// All states of the case of a run that was shown alone; `broken`: its element, which says where the run is.
  void explore(const ToldRun& run, Json& broken) {
    if (run.case_title.empty()) return;
    is_exploring_ = true;
    if (run.graph == nullptr || !add_graph(run.case_title, run.case_span, *run.graph, *run.sources)) {
      left_out_.push_back(run.case_title);
    } else {
      broken["explore"] = {{"graph", graphs_.size() - 1}, {"nodes", run.graph_nodes}};
    }
  }

  /// `document`: as outcome_document() makes it, with what add() has put into it.
  std::string text(const std::string& title, Json document) {
    link_documents(document);
    document["sources"] = std::move(sources_);
    if (is_exploring_) document["explore"] = {{"graphs", std::move(graphs_)}, {"left_out", std::move(left_out_)}};
    const std::string data = script_json(document.dump(-1, ' ', false, Json::error_handler_t::replace));
    return filled_page(html_page(), [&](std::string_view name) -> std::string {
      if (name == "title") return xml_text(title);
      if (name == "style") return std::string(html_style()) + std::string(html_timeline());
      if (name == "script") return std::string(html_script());
      if (name == "timelines") return timelines_;
      return name == "data" ? data : "";
    });
  }

 private:
  /// False: it is too large.
  bool add_graph(const std::string& title, Span span, const ExploredGraph& graph, const SourceMap& sources) {
    constexpr std::size_t kMostBytes = 1'000'000;
    Json json = explored_document(graph, sources);
    if (json.dump(-1, ' ', false, Json::error_handler_t::replace).size() > kMostBytes) return false;
    json["title"] = title;
    json["file"] = span.valid() ? sources.file(span.file).name() : "";
    graphs_.push_back(std::move(json));
    add_source(sources, span);
    for (const ExploredGraph::Deed& one : graph.deeds) add_source(sources, one.span);
    return true;
  }

  void add_source(const SourceMap& sources, Span span) {
    if (!span.valid()) return;
    const SourceFile& file = sources.file(span.file);
    if (!sources_.contains(file.name())) sources_[file.name()] = file.text();
  }

  void add_sources(const DocumentedStory& told) {
    for (const StoryStep& step : told.story.steps) {
      for (const StoryLine& line : step.lines) add_source(told.sources, line.span);
    }
    for (const StoryBlocked& one : told.story.blocked) add_source(told.sources, one.span);
    add_source(told.sources, told.story.violation.span);
  }

  /// The addresses of the documents that rules cite.
  static void link_documents(Json& document) {
    Json links = Json::object();
    for (const Json& file : document.at("files")) {
      for (const Json& check : file.at("checks")) {
        for (const Json& rule : check.at("rules")) {
          for (const Json& citation : rule.at("citations")) {
            const std::string text = citation.get<std::string>();
            if (const std::string link = document_link(text); !link.empty()) links[text] = link;
          }
        }
      }
    }
    document["documents"] = std::move(links);
  }

  const PageAdditions& additions_;
  bool is_exploring_;
  std::map<const CaseOutcome*, std::size_t> explored_;  // in graphs_
  Json graphs_ = Json::array();
  Json left_out_ = Json::array();  // titles
  std::size_t stories_ = 0;
  std::string timelines_;
  Json sources_ = Json::object();
};

}  // namespace

std::string script_json(std::string_view json) {
  std::string out;
  out.reserve(json.size());
  for (const char c : json) {
    // In JSON these stand in strings only, where an escape means the same.
    const bool is_markup = c == '<' || c == '>' || c == '&';
    if (is_markup) {
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    } else {
      out += c;
    }
  }
  return out;
}

std::string filled_page(std::string_view page, const std::function<std::string(std::string_view)>& parts) {
  std::string out;
  while (true) {
    const std::size_t begin = page.find("{{");
    const std::size_t end = begin == std::string_view::npos ? begin : page.find("}}", begin);
    if (end == std::string_view::npos) return out += page;
    out += page.substr(0, begin);
    out += parts(page.substr(begin + 2, end - begin - 2));
    page.remove_prefix(end + 2);
  }
}

std::string html_report(const CheckedFiles& checked, const PageAdditions& additions) {
  Page page(additions);
  for (const CheckedFile& file : checked.files) page.explore(file);
  Json document = outcome_document(checked, [&](const DocumentedStory& told, Json& broken) {
    page.add(told, broken);
    if (additions.why) Page::add_why(additions.why(*told.of_case, *told.finding, told.sources), broken);
  });
  const std::string name =
      checked.files.size() == 1 ? checked.files.front().name : fmt::format("{} files", checked.files.size());
  return page.text(fmt::format("quiesce {}: {}", checked.is_test ? "test" : "check", name), std::move(document));
}

std::string html_run(const ToldRun& run) {
  const Story& story = *run.story;
  Json rules = Json::array();
  for (const Rule& rule : run.system->rules) {
    if (rule.name == run.rule) rules.push_back(rule_document(rule));
  }
  Json broken{{"rule", run.rule},
              {"cases", Json::array({run.case_number})},
              {"shown_case", run.case_number},
              {"finding",
               {{"place", place_document(*run.sources, story.violation.span)},
                {"message", story.violation.message},
                {"is_broken", story.rule.valid()},
                {"shortest", false}}},
              {"story", story_document(run.system->level_names, story, *run.sources)}};
  const PageAdditions none;
  Page page(none);
  page.add({*run.system, story, *run.sources}, broken);
  page.explore(run, broken);
  Page::add_why(run.why, broken);
  Json check{{"system", run.system->name},
             {"place", nullptr},
             {"rules", std::move(rules)},
             {"cases", Json::array()},
             {"broken", Json::array({std::move(broken)})}};
  Json file{{"name", run.file},
            {"problem", nullptr},
            {"diagnostics", Json::array()},
            {"checks", Json::array({std::move(check)})}};
  Json document{{"tool", {{"name", "quiesce"}, {"version", run.tool_version}}},
                {"command", "explain"},
                {"note", run.note},
                {"files", Json::array({std::move(file)})}};
  return page.text(fmt::format("quiesce explain: {}", run.file), std::move(document));
}

}  // namespace quiesce::checker

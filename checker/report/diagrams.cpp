#include "checker/report/diagrams.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <vector>

#include <fmt/format.h>

namespace quiesce::checker {

using namespace model;

namespace {

constexpr const char* kHardware = "hardware";

/// How one of the two says things.
class Notation {
 public:
  virtual ~Notation() = default;
  virtual std::string begin(const std::string& title) const = 0;
  virtual std::string participant(const std::string& alias, const std::string& name) const = 0;
  virtual std::string message(const std::string& from, const std::string& to, const std::string& text) const = 0;
  virtual std::string note(const std::string& over, const std::string& text) const = 0;
  virtual std::string loop_begin() const = 0;
  virtual std::string end() const = 0;
};

class Mermaid : public Notation {
 public:
  std::string begin(const std::string& title) const override {
    return fmt::format("---\ntitle: \"{}\"\n---\nsequenceDiagram\n", title);
  }
  std::string participant(const std::string& alias, const std::string& name) const override {
    return fmt::format("    participant {} as {}\n", alias, escaped(name));
  }
  std::string message(const std::string& from, const std::string& to, const std::string& text) const override {
    return fmt::format("    {}->>{}: {}\n", from, to, escaped(text));
  }
  std::string note(const std::string& over, const std::string& text) const override {
    return fmt::format("    Note over {}: {}\n", over, escaped(text));
  }
  std::string loop_begin() const override { return "    loop forever\n"; }
  std::string end() const override { return "    end\n"; }

 private:
  /// '#' begins an entity, ';' ends a line, '<' may begin markup.
  static std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
      const bool special = c == '#' || c == ';' || c == '<' || c == '>';
      out += special ? fmt::format("#{};", static_cast<int>(c)) : std::string(1, c);
    }
    return out;
  }
};

class PlantUml : public Notation {
 public:
  std::string begin(const std::string& title) const override { return fmt::format("@startuml\ntitle {}\n", title); }
  std::string participant(const std::string& alias, const std::string& name) const override {
    return fmt::format("participant \"{}\" as {}\n", name, alias);
  }
  std::string message(const std::string& from, const std::string& to, const std::string& text) const override {
    return fmt::format("{} -> {}: {}\n", from, to, escaped(text));
  }
  std::string note(const std::string& over, const std::string& text) const override {
    return fmt::format("note over {}: {}\n", over, escaped(text));
  }
  std::string loop_begin() const override { return "loop forever\n"; }
  std::string end() const override { return "end\n"; }

 private:
  /// '~' keeps what follows from being Creole markup.
  static std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
      if (std::string_view("*_-\"/<~\\").find(c) != std::string_view::npos) out += '~';
      out += c;
    }
    return out;
  }
};

/// "nic.hw" of "nic.hw.enabled": whose variable it is.
std::string object_of(const std::string& variable) {
  const std::size_t dot = variable.rfind('.');
  return dot == std::string::npos ? "" : variable.substr(0, dot);
}

class Diagram {
 public:
  Diagram(const Notation& notation, const LevelNames& levels, const Story& story)
      : notation_(notation), levels_(levels), story_(story) {}

  std::string text(const std::string& title, const std::string& violation) {
    std::string body;
    for (std::size_t i = 0; i < story_.steps.size(); ++i) {
      if (story_.loop == i) body += notation_.loop_begin();
      body += step(story_.steps[i], i + 1);
    }
    if (story_.loop && *story_.loop < story_.steps.size()) body += notation_.end();
    const std::string last = story_.steps.empty() ? alias(kHardware) : alias(name_of(story_.steps.back()));
    body += notation_.note(last, "BROKEN: " + violation);
    std::string out = notation_.begin(title);
    for (const std::string& name : order_) out += notation_.participant(aliases_.at(name), name);
    return out + body;
  }

 private:
  static std::string name_of(const StoryStep& step) { return step.in_context ? step.who : kHardware; }

  const std::string& alias(const std::string& name) {
    const auto [known, is_new] = aliases_.try_emplace(name, fmt::format("p{}", order_.size() + 1));
    if (is_new) order_.push_back(name);
    return known->second;
  }

  std::string step(const StoryStep& step, std::size_t number) {
    const std::string from = alias(name_of(step));
    std::string out;
    for (const StoryLine& line : step.lines) {
      if (line.kind == StoryLine::Kind::Start) {
        out += notation_.note(
            from, fmt::format("{} starts on cpu {}, {}", number, step.cpu_before, levels_.name(step.level_before)));
      }
      for (const StoryChange& change : line.changes) {
        const std::string object = object_of(change.name);
        out += notation_.message(from, object.empty() ? from : alias(object),
                                 fmt::format("{} {}: {} → {}", number, change.name, change.before, change.after));
      }
      if (line.kind == StoryLine::Kind::End) out += notation_.note(from, fmt::format("{} {}", number, line.text));
    }
    if (!out.empty()) return out;
    const auto told = std::find_if(step.lines.begin(), step.lines.end(), [](const StoryLine& line) {
      return line.kind == StoryLine::Kind::Statement || line.kind == StoryLine::Kind::Act;
    });
    const StoryLine& line = told == step.lines.end() ? step.lines.front() : *told;
    return notation_.message(from, from, fmt::format("{} {}", number, line.text));
  }

  const Notation& notation_;
  const LevelNames& levels_;
  const Story& story_;
  std::map<std::string, std::string> aliases_;
  std::vector<std::string> order_;
};

}  // namespace

std::string mermaid(const LevelNames& levels, const std::string& title, const Story& story,
                    const std::string& violation) {
  return Diagram(Mermaid(), levels, story).text(title, violation);
}

std::string plantuml(const LevelNames& levels, const std::string& title, const Story& story,
                     const std::string& violation) {
  return Diagram(PlantUml(), levels, story).text(title, violation) + "@enduml\n";
}

}  // namespace quiesce::checker

#include "checker/mend/places.h"

#include <algorithm>
#include <cctype>
#include <string_view>
#include <variant>

#include "model/base/overloaded.h"

namespace quiesce::checker {

using namespace model::syntax;

namespace {

class Walker {
 public:
  explicit Walker(const model::SourceFile& file) : file_(file) {}

  void declare(const Declaration& declaration) {
    if (const auto* machine = std::get_if<Machine>(&declaration.kind)) {
      if (!machine->is_monitor) members(machine->name.text, machine->members);
      return;
    }
    if (const auto* system = std::get_if<System>(&declaration.kind)) return members(system->name.text, system->members);
    if (const auto* one = std::get_if<Function>(&declaration.kind)) function("", *one);
  }
  DesignPlaces take() { return std::move(places_); }

 private:
  void members(const std::string& machine, const std::vector<MemberPtr>& list) {
    for (const MemberPtr& member : list) {
      if (const auto* one = std::get_if<Function>(&member->kind)) function(machine, *one);
      if (const auto* thread = std::get_if<Thread>(&member->kind)) routine({machine, thread->name.text}, thread->body);
      if (const auto* handler = std::get_if<Handler>(&member->kind))
        routine({machine, handler->name.text}, handler->body);
      if (const auto* conditional = std::get_if<ConditionalMembers>(&member->kind)) {
        members(machine, conditional->then);
        members(machine, conditional->otherwise);
      }
    }
  }

  void function(const std::string& machine, const Function& one) {
    if (!one.block) return;
    const bool gives_bool = one.result != nullptr && std::holds_alternative<BoolType>(one.result->kind);
    routine({machine, one.name.text, true, gives_bool}, *one.block);
  }

  /// What a routine demands is a rule of the world around the driver, and no text of a driver.
  static bool demands(const Block& block) {
    for (const StatementPtr& one : block.statements) {
      const Statement& statement = *one;
      if (std::holds_alternative<RequireStatement>(statement.kind) ||
          std::holds_alternative<ViolateStatement>(statement.kind))
        return true;
      bool inner = false;
      each_block(statement, [&](const Block& part) { inner |= demands(part); });
      if (inner) return true;
    }
    return false;
  }

  void routine(Routine routine, const Block& body) {
    if (demands(body)) return;
    routine.body = &body;
    places_.routines.push_back(std::move(routine));
    block(body);
  }

  void block(const Block& block) {
    const std::size_t number = blocks_++;
    for (std::size_t i = 0; i < block.statements.size(); ++i) {
      const Statement& statement = *block.statements[i];
      if (!block.braced) {  // the `if` of an `else if` cannot be moved; what is in it can
        inside(statement);
        continue;
      }
      Place place{&statement, places_.routines.size() - 1, number, i};
      place.is_last = i + 1 == block.statements.size();
      place.block_end = block.span.end;
      place.line = file_.position(statement.span.begin).line;
      const std::size_t position = places_.statements.size();
      places_.statements.push_back(place);
      const std::size_t blocks = blocks_;
      inside(statement);
      places_.statements[position].is_leaf = blocks == blocks_;
    }
  }

  template <typename Use>
  static void each_block(const Statement& statement, const Use& use) {
    std::visit(
        Overloaded{[&](const IfStatement& branch) {
                     use(branch.then);
                     if (branch.otherwise != nullptr) use(*branch.otherwise);
                   },
                   [&](const WhileStatement& loop) { use(loop.body); },
                   [&](const LoopStatement& loop) { use(loop.body); },
                   [&](const ForStatement& loop) { use(loop.body); },
                   [&](const EitherStatement& either) {
                     for (const Block& branch : either.branches) use(branch);
                   },
                   [&](const AtomicStatement& atomic) { use(atomic.body); },
                   [&](const WithStatement& with) { use(with.body); },
                   [&](const AtLevelStatement& at) { use(at.body); }, [&](const OnCpuStatement& on) { use(on.body); },
                   // No block inside.
                   [](const LocalStatement&) {}, [](const AssignmentStatement&) {}, [](const CallStatement&) {},
                   [](const ChooseStatement&) {}, [](const AwaitStatement&) {}, [](const SpinUntilStatement&) {},
                   [](const AcquireStatement&) {}, [](const ReleaseStatement&) {}, [](const GiveStatement&) {},
                   [](const TakeStatement&) {}, [](const RaiseStatement&) {}, [](const LowerStatement&) {},
                   [](const AssertStatement&) {}, [](const RequireStatement&) {}, [](const ViolateStatement&) {},
                   [](const ReturnStatement&) {}, [](const BreakStatement&) {}, [](const ContinueStatement&) {},
                   [](const PassStatement&) {}, [](const InitStatement&) {}, [](const FreeStatement&) {}},
        statement.kind);
  }

  void inside(const Statement& statement) {
    each_block(statement, [&](const Block& part) { block(part); });
  }

  const model::SourceFile& file_;
  DesignPlaces places_;
  std::size_t blocks_ = 0;
};

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r'; }

}  // namespace

DesignPlaces places_of(const File& file, const model::SourceMap& sources) {
  Walker walker(sources.file(file.id));
  for (const Declaration& declaration : file.declarations) walker.declare(declaration);
  return walker.take();
}

StatementText::StatementText(const File& file, const model::SourceMap& sources)
    : file_(file), text_(sources.file(file.id).text()) {}

std::uint32_t StatementText::line_begin(std::uint32_t at) const {
  while (at > 0 && text_[at - 1] != '\n') --at;
  return at;
}

std::uint32_t StatementText::line_end(std::uint32_t at) const {
  while (at < text_.size() && text_[at] != '\n') ++at;
  return at;
}

bool StatementText::is_first_on_line(std::uint32_t at) const {
  const auto begin = text_.begin();
  return std::all_of(begin + line_begin(at), begin + at, is_space);
}

bool StatementText::is_last_on_line(std::uint32_t at) const {
  const auto begin = text_.begin();
  return std::all_of(begin + at, begin + line_end(at), is_space);
}

std::uint32_t StatementText::with_trailing_comment(std::uint32_t end) const {
  for (const Comment& comment : file_.comments) {
    if (comment.own_line || comment.span.begin < end || comment.span.begin >= line_end(end)) continue;
    const bool follows = std::all_of(text_.begin() + end, text_.begin() + comment.span.begin, is_space);
    return follows && is_last_on_line(comment.span.end) ? comment.span.end : end;
  }
  return end;
}

std::string StatementText::text(const Place& place) const {
  return text_.substr(place.statement->span.begin, place.statement->span.end - place.statement->span.begin);
}

std::string StatementText::with_comment(const Place& place) const {
  const std::uint32_t begin = place.statement->span.begin;
  if (!is_first_on_line(begin)) return text(place);
  return text_.substr(begin, with_trailing_comment(place.statement->span.end) - begin);
}

StatementText::Put StatementText::put(const Place& place, bool is_before, const std::string& statement) const {
  const std::uint32_t begin = place.statement->span.begin;
  const std::uint32_t end = place.statement->span.end;
  const bool alone = is_first_on_line(begin);
  const bool ends_in_comment = statement.find("//") != std::string::npos;
  const std::string indent = text_.substr(line_begin(begin), begin - line_begin(begin));
  const std::string line_break = "\n" + (alone ? indent : std::string());
  if (is_before) return {begin, statement + (alone || ends_in_comment ? line_break : "; ")};
  const std::uint32_t behind = with_trailing_comment(end);
  const bool new_line = alone || behind != end;
  return {behind, (new_line ? line_break : "; ") + statement + (!new_line && ends_in_comment ? "\n" : "")};
}

StatementText::Bytes StatementText::taken_out(const Place& place) const {
  const std::uint32_t begin = place.statement->span.begin;
  const std::uint32_t end = with_trailing_comment(place.statement->span.end);
  if (is_first_on_line(begin) && is_last_on_line(end)) {
    return {line_begin(begin), std::min<std::uint32_t>(line_end(end) + 1, static_cast<std::uint32_t>(text_.size()))};
  }
  std::uint32_t behind = place.statement->span.end;
  while (behind < text_.size() && (is_space(text_[behind]) || text_[behind] == ';')) ++behind;
  return {begin, behind};
}

}  // namespace quiesce::checker

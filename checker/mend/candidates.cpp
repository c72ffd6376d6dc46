#include "checker/mend/candidates.h"

#include <algorithm>
#include <variant>

#include "checker/mend/candidate_maker.h"
#include "checker/mend/requirements.h"
#include "checker/mutation/mutant.h"
#include "model/base/diagnostic.h"
#include "model/syntax/lexer.h"
#include "model/syntax/parser.h"

namespace quiesce::checker {

using namespace model::syntax;

namespace {

/// The conditions of all branches and loops, each once for a machine.
std::vector<UsedCondition> conditions_of(const DesignPlaces& places, const model::SourceMap& sources) {
  std::vector<UsedCondition> found;
  for (const Place& place : places.statements) {
    const Expression* condition = nullptr;
    if (const auto* branch = std::get_if<IfStatement>(&place.statement->kind)) condition = branch->condition.get();
    if (const auto* loop = std::get_if<WhileStatement>(&place.statement->kind)) condition = loop->condition.get();
    if (const auto* wait = std::get_if<AwaitStatement>(&place.statement->kind)) condition = wait->condition.get();
    if (condition == nullptr) continue;
    const UsedCondition used{places.routines[place.routine].machine, on_one_line(sources.text(condition->span))};
    const bool is_new = std::none_of(found.begin(), found.end(), [&](const UsedCondition& other) {
      return other.machine == used.machine && other.text == used.text;
    });
    if (is_new) found.push_back(used);
  }
  return found;
}

std::vector<std::string> families_used(const File& file) {
  std::vector<std::string> families;
  for (const Use& use : file.uses) families.push_back(use.module.parts.front().text);
  return families;
}

}  // namespace

std::vector<Candidate> candidates_of(const LoadedDesign& design, const Nearness& nearness,
                                     const ExecutedLines& executed) {
  model::SourceMap sources;
  model::Diagnostics ignored;
  const model::SourceFile& own = design.sources.file(model::FileId(0));
  const model::FileId id = sources.add(own.name(), own.text());
  const auto file = parse(id, sources, ignored);
  const Tokens tokens = lex(id, sources, ignored);
  const DesignPlaces places = places_of(*file, sources);
  const StatementText statements(*file, sources);
  const CallMaker calls(design, model::FileId(0), families_used(*file), executed.asked);
  const Requirements requirements(design, model::FileId(0), executed.broken);
  const std::vector<UsedCondition> conditions = conditions_of(places, sources);
  const DesignText text{design,   *file,    sources, tokens.tokens, places,    statements,
                        nearness, executed, calls,   requirements,  conditions};
  std::vector<Candidate> candidates;
  for (std::size_t i = 0; i < places.routines.size(); ++i) RoutineCandidates(text, i).make(candidates);
  std::stable_sort(candidates.begin(), candidates.end(), [](const Candidate& a, const Candidate& b) {
    return a.size != b.size ? a.size < b.size : a.rank < b.rank;
  });
  return candidates;
}

}  // namespace quiesce::checker

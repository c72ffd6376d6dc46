#include "checker/certificate.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <sstream>
#include <system_error>

#include <fmt/format.h>

#include "checker/evidence/other_solver.h"
#include "checker/files.h"
#include "checker/load_unbounded.h"
#include "checker/result/text_hash.h"
#include "checker/smt/initial_solver.h"
#include "checker/swarm_parts.h"
#include "checker/symbolic/invariant_check.h"
#include "checker/symbolic/invariant_dimacs.h"
#include "model/base/contains.h"
#include "model/base/patience.h"
#include "model/guarded/formula_text.h"

namespace quiesce::checker {

using namespace model;
namespace fs = std::filesystem;

namespace {

constexpr const char* kHead = "quiesce certificate 2";
constexpr const char* kManifest = "manifest.txt";
constexpr const char* kInvariant = "invariant.txt";
constexpr const char* kClauses = "step.cnf";

/// Which system a certificate is about, and what else nothing checks again.
std::string about(const LoadOptions& options) {
  if (options.plain) return "the system of the text";
  return options.slice ? "the system after merging of steps and slicing" : "the system after merging of steps";
}
std::string trusted(const LoadOptions& options) {
  const char* passes = options.plain   ? ""
                       : options.slice ? "merging of steps and slicing (--plain does without), "
                                       : "merging of steps (--plain does without), ";
  return fmt::format(
      "reading the design, {}its guarded commands, that checks keep numbers within their ranges, the solvers", passes);
}

std::string path_in(const std::string& directory, const std::string& name) {
  return (fs::path(directory) / name).string();
}

// ------------------------------------------------------------------------------------------------ invariant

const std::string kPredicate = "predicate ";  // a line for each; they are the cells behind the last one

/// A clause a line, each claim as CELL.BIT or !CELL.BIT.
std::string text_of(const InductiveInvariant& invariant, const std::vector<std::string>& predicates,
                    const TransitionSystem& system) {
  std::string result = "# A clause a line; N.B: bit B of (the number in cell N - the least of its domain) is 1.\n";
  for (std::size_t i = 0; i < system.cells.size(); ++i) {
    result += fmt::format("# cell {}: {}, {}..{}\n", i, system.cells[i].name, system.cells[i].lo, system.cells[i].hi);
  }
  for (const std::string& predicate : predicates) result += kPredicate + predicate + "\n";
  for (const InvariantClause& clause : invariant.clauses) {
    std::string line;
    for (const CellBit& one : clause.literals) {
      line += fmt::format("{}{}{}.{}", line.empty() ? "" : " ", one.value ? "" : "!", one.cell.value, one.bit);
    }
    result += (line.empty() ? "false" : line) + "\n";
  }
  return result;
}

std::optional<std::size_t> number_in(const std::string& text) {
  std::size_t result = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), result);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return result;
}

std::optional<CellBit> bit_in(std::string text, std::size_t cells) {
  CellBit result;
  result.value = !text.starts_with('!');
  if (!result.value) text.erase(0, 1);
  const std::size_t dot = text.find('.');
  if (dot == std::string::npos) return std::nullopt;
  const auto cell = number_in(text.substr(0, dot));
  const auto bit = number_in(text.substr(dot + 1));
  if (!cell || !bit || *cell >= cells || *bit >= 64) return std::nullopt;
  result.cell = CellId(*cell);
  result.bit = static_cast<std::uint8_t>(*bit);
  return result;
}

/// Nothing when some line is no clause.
std::optional<InductiveInvariant> invariant_in(const std::string& text, GuardedSystem guarded,
                                               std::vector<std::string>& predicates) {
  InductiveInvariant result;
  std::size_t cells = guarded.system.cells.size();
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with('#')) continue;
    if (line.starts_with(kPredicate)) {
      predicates.push_back(line.substr(kPredicate.size()));
      if (!read_formula(guarded, predicates.back())) return std::nullopt;
      ++cells;
      continue;
    }
    InvariantClause clause;
    std::istringstream words(line == "false" ? "" : line);
    for (std::string word; words >> word;) {
      const auto bit = bit_in(word, cells);
      if (!bit) return std::nullopt;
      clause.literals.push_back(*bit);
    }
    result.clauses.push_back(std::move(clause));
  }
  return result;
}

// ------------------------------------------------------------------------------------------------- manifest

struct ListedFile {
  std::string name;
  std::string hash;
  std::size_t cases = 0;  // of a script
};

struct Manifest {
  CertificateSubject subject;
  std::string system;       // its name, for readers
  std::string fingerprint;  // of the transition system
  std::vector<std::string> rules;
  std::vector<std::string> left_out;
  std::vector<ListedFile> files;
};

std::string text_of(const Manifest& manifest) {
  const LoadOptions& options = manifest.subject.options;
  std::string result = fmt::format("{}\n", kHead);
  const auto line = [&](const char* key, const std::string& value) { result += fmt::format("{}: {}\n", key, value); };
  line("design", manifest.subject.design);
  line("system", manifest.system);
  line("fingerprint", manifest.fingerprint);
  line("check", std::to_string(manifest.subject.check));
  line("cell", std::to_string(manifest.subject.cell));
  if (options.plain) line("plain", "yes");
  if (!options.slice) line("whole", "yes");
  if (options.only_systems) line("only systems", "yes");
  if (options.check) line("only check", std::to_string(*options.check));
  if (options.system) line("only system", *options.system);
  if (!options.library_directory.empty()) line("library", options.library_directory);
  for (const auto& [name, value] : options.defines) line("define", name + "=" + value);
  for (const std::string& rule : options.rules) line("asked", rule);
  for (const std::string& rule : manifest.rules) line("rule", rule);
  for (const std::string& rule : manifest.left_out) line("left out", rule);
  line("about", about(options));
  line("trusted", trusted(options));
  for (const ListedFile& file : manifest.files) {
    line("file", fmt::format("{} {} {}", file.hash, file.cases, file.name));
  }
  return result;
}

/// Takes one line of a manifest; false when it is not understood.
bool take(Manifest& manifest, const std::string& key, const std::string& value) {
  LoadOptions& options = manifest.subject.options;
  const auto number = [&](std::size_t& place) {
    const auto read = number_in(value);
    if (read) place = *read;
    return read.has_value();
  };
  if (key == "design") return manifest.subject.design = value, true;
  if (key == "system") return manifest.system = value, true;
  if (key == "fingerprint") return manifest.fingerprint = value, true;
  if (key == "check") return number(manifest.subject.check);
  if (key == "cell") return number(manifest.subject.cell);
  if (key == "plain") return options.plain = true;
  if (key == "whole") return options.slice = false, true;
  if (key == "only systems") return options.only_systems = true;
  if (key == "only check") return number(options.check.emplace());
  if (key == "only system") return options.system = value, true;
  if (key == "library") return options.library_directory = value, true;
  if (key == "asked") return options.rules.push_back(value), true;
  if (key == "rule") return manifest.rules.push_back(value), true;
  if (key == "left out") return manifest.left_out.push_back(value), true;
  if (key == "about" || key == "trusted") return true;
  if (key == "define") {
    const std::size_t equals = value.find('=');
    if (equals == std::string::npos) return false;
    options.defines[value.substr(0, equals)] = value.substr(equals + 1);
    return true;
  }
  if (key != "file") return false;
  ListedFile file;
  std::istringstream words(value);
  return words >> file.hash >> file.cases >> file.name && (manifest.files.push_back(std::move(file)), true);
}

Expected<Manifest> manifest_in(const std::string& text) {
  Manifest result;
  std::istringstream lines(text);
  std::string line;
  if (!std::getline(lines, line) || line != kHead) return unexpected("its manifest is not one of this version");
  while (std::getline(lines, line)) {
    const std::size_t colon = line.find(": ");
    if (colon == std::string::npos || !take(result, line.substr(0, colon), line.substr(colon + 2))) {
      return unexpected(fmt::format("its manifest has a line that is not understood: '{}'", line));
    }
  }
  return result;
}

// -------------------------------------------------------------------------------------------------- writing

std::vector<std::string> names_of(const TransitionSystem& system, const std::vector<RuleId>& rules) {
  std::vector<std::string> result;
  for (const RuleId rule : rules) result.push_back(system.at(rule).name);
  return result;
}

/// What the check asks for beside `rules`, without what nothing in the design can break.
std::vector<std::string> others(const GuardedSystem& guarded, const std::vector<RuleId>& rules) {
  const TransitionSystem& system = guarded.system;
  const std::vector<RuleId> claimable = claimable_rules(guarded);
  const std::vector<RuleId> provable = provable_rules(guarded);
  std::vector<std::string> result;
  for (const RuleId rule : system.checked) {
    const bool says_something = contains(claimable, rule) || !contains(provable, rule);
    if (says_something && !contains(rules, rule)) result.push_back(system.at(rule).name);
  }
  return result;
}

Expected<void> make_directory(const std::string& directory) {
  std::error_code error;
  fs::create_directories(directory, error);
  if (error) return unexpected(fmt::format("cannot make the directory '{}': {}", directory, error.message()));
  for (const fs::directory_entry& entry : fs::directory_iterator(directory, error)) {
    const fs::path extension = entry.path().extension();
    if (extension == ".smt2" || extension == ".cnf") fs::remove(entry.path(), error);
  }
  return {};
}

}  // namespace

Expected<void> write_certificate(const std::string& directory, const CertificateSubject& subject,
                                 const GuardedSystem& guarded, const InductiveInvariant& invariant,
                                 const std::vector<RuleId>& rules, const SourceMap& sources,
                                 const std::vector<std::string>& predicates) {
  if (auto made = make_directory(directory); !made) return made;
  const TransitionSystem& system = guarded.system;
  Manifest manifest{subject, system.name, system_fingerprint(system), names_of(system, rules), others(guarded, rules),
                    {}};
  Expected<void> result;
  const auto write = [&](const std::string& name, const std::string& text, std::size_t cases) {
    if (result) result = write_atomically(path_in(directory, name), text);
    manifest.files.push_back({name, text_hash(text), cases});
    return result.has_value();
  };
  write(kInvariant, text_of(invariant, predicates, system), 0);
  const auto write_script = [&](const Obligation& one) {
    return write(one.name + ".smt2", script_of(one), one.cases.size());
  };
  for_each_obligation(guarded, invariant, rules, &sources, write_script, predicates);
  if (const auto clauses = invariant_dimacs(guarded, invariant, rules)) write(kClauses, *clauses, 1);
  if (result) result = write_atomically(path_in(directory, kManifest), text_of(manifest));
  return result;
}

Expected<void> write_certificate(const std::string& directory, const CertificateSubject& subject,
                                 const TransitionSystem& system, const Proof& proof, const SourceMap& sources,
                                 const SearchControl& control, const std::vector<std::string>& predicates) {
  if (proof.rechecked.empty()) return unexpected("no rule was proved by an invariant");
  Expected<void> result;
  const auto write = [&] {
    const Expected<GuardedSystem> guarded = guarded_by_solver(system);
    if (!guarded) {
      result = unexpected(guarded.error());
      return;
    }
    std::vector<RuleId> rules;
    for (const RuleId rule : claimable_rules(*guarded)) {
      if (contains(proof.rules, rule)) {
        rules.push_back(rule);
      } else if (system.at(rule).core) {
        result = unexpected(fmt::format("'{}' is not proved, and ends runs", system.at(rule).name));
        return;
      }
    }
    if (std::none_of(rules.begin(), rules.end(), [&](RuleId rule) { return contains(system.checked, rule); })) {
      result = unexpected("no rule that is asked for was proved by an invariant");
      return;
    }
    result = write_certificate(directory, subject, *guarded, proof.invariant, rules, sources, predicates);
  };
  const auto cut = work_patiently([&] { return control.reason() == LimitKind::None; }, write);
  if (cut) return unexpected("a limit was reached while it was written");
  return result;
}

std::vector<std::string> certificates_in(const std::string& directory) {
  std::error_code error;
  if (fs::exists(path_in(directory, kManifest), error)) return {directory};
  std::vector<std::string> result;
  for (const fs::directory_entry& entry : fs::directory_iterator(directory, error)) {
    if (fs::exists(entry.path() / kManifest, error)) result.push_back(entry.path().string());
  }
  std::sort(result.begin(), result.end());
  return result;
}

// ------------------------------------------------------------------------------------------------ rechecking

namespace {

class Recheck {
 public:
  Recheck(std::string directory, const CertificateOptions& options, const SearchControl& control)
      : directory_(std::move(directory)), options_(options), control_(control) {}

  Expected<CertificateReport> run(const std::function<void(std::size_t)>& progress) {
    const auto text = read_text(path_in(directory_, kManifest));
    if (!text) return unexpected(text.error());
    auto manifest = manifest_in(*text);
    if (!manifest) return unexpected(fmt::format("'{}' is no certificate: {}", directory_, manifest.error()));
    manifest_ = std::move(*manifest);
    if (!options_.design.empty()) manifest_.subject.design = options_.design;
    report_.design = manifest_.subject.design;
    report_.system = manifest_.system;
    report_.rules = manifest_.rules;
    report_.left_out = manifest_.left_out;
    report_.about = about(manifest_.subject.options);
    report_.trusted = trusted(manifest_.subject.options);
    auto guarded = read_again();
    if (!guarded) return unexpected(guarded.error());
    if (*guarded) recheck(**guarded, progress);
    return report_;
  }

 private:
  void refuse(std::string problem) {
    report_.result.outcome = RecheckResult::Outcome::Refused;
    report_.result.problem = std::move(problem);
  }
  void leave(std::string problem) {
    report_.result.outcome = RecheckResult::Outcome::Undecided;
    report_.result.problem = std::move(problem);
  }

  /// The guarded commands of the system that the certificate names; nothing when the report already says why not.
  Expected<std::optional<GuardedSystem>> read_again() {
    LoadOptions options = manifest_.subject.options;
    if (!options_.library_directory.empty()) options.library_directory = options_.library_directory;
    auto source = read_text(manifest_.subject.design);
    if (!source) return unexpected(source.error());
    design_ = load_unbounded(manifest_.subject.design, std::move(*source), options);
    if (!design_->ok()) return unexpected(fmt::format("'{}' has errors, see 'quiesce check'", report_.design));
    const auto& subject = manifest_.subject;
    const bool is_there =
        subject.check < design_->checks.size() && subject.cell < design_->checks[subject.check].cases.size();
    if (!is_there) return refuse("the design has no such check any more"), std::nullopt;
    const TransitionSystem& system = design_->checks[subject.check].cases[subject.cell].system;
    if (system_fingerprint(system) != manifest_.fingerprint) {
      return refuse("the design is another than the one that was proved"), std::nullopt;
    }
    Expected<GuardedSystem> guarded;
    const auto cut_short = work_patiently([&] { return control_.reason() == LimitKind::None; },
                                          [&] { guarded = guarded_by_solver(system); });
    if (cut_short) return leave("a limit was reached while its steps were written"), std::nullopt;
    if (!guarded) return refuse(fmt::format("its steps cannot be written: {}", guarded.error())), std::nullopt;
    return std::optional<GuardedSystem>(std::move(*guarded));
  }

  /// The rules that the certificate is about; what is wrong with them when they are not to be claimed.
  Expected<std::vector<RuleId>> claimed(const GuardedSystem& guarded) const {
    std::vector<RuleId> result;
    for (const RuleId rule : claimable_rules(guarded)) {
      const Rule& one = guarded.system.at(rule);
      if (std::count(manifest_.rules.begin(), manifest_.rules.end(), one.name) != 0) {
        result.push_back(rule);
      } else if (one.core) {
        return unexpected(fmt::format("it does not claim '{}', and where that is broken runs end", one.name));
      }
    }
    if (result.size() != manifest_.rules.size())
      return unexpected("it claims rules that the check does not ask for, or that no invariant proves");
    return result;
  }

  /// The text of a file of the certificate, if it is the one that the manifest lists.
  std::optional<std::string> listed(const std::string& name, std::size_t cases) {
    const auto file = std::find_if(manifest_.files.begin(), manifest_.files.end(),
                                   [&](const ListedFile& one) { return one.name == name; });
    if (file == manifest_.files.end()) return refuse(name + " is not in the manifest"), std::nullopt;
    seen_.insert(name);
    const auto text = read_text(path_in(directory_, name));
    if (!text) return refuse(text.error()), std::nullopt;
    if (text_hash(*text) != file->hash || file->cases != cases) return refuse(name + " was changed"), std::nullopt;
    return *text;
  }

  void recheck(const GuardedSystem& guarded, const std::function<void(std::size_t)>& progress) {
    const auto rules = claimed(guarded);
    if (!rules) return refuse(rules.error());
    const auto invariant_text = listed(kInvariant, 0);
    if (!invariant_text) return;
    std::vector<std::string> predicates;
    const auto invariant = invariant_in(*invariant_text, guarded, predicates);
    if (!invariant) return refuse("invariant.txt is no invariant of the design");
    const bool other = options_.other_solver && has_other_solver();
    const auto ask = [&](const Obligation& one) {
      if (progress) progress(report_.result.questions);
      return shown(one, other);
    };
    for_each_obligation(guarded, *invariant, *rules, &design_->sources, ask, predicates);
    if (report_.result.outcome != RecheckResult::Outcome::Accepted) return;
    if (!clauses_are_shown(guarded, *invariant, *rules)) return;
    if (seen_.size() != manifest_.files.size()) return refuse("the manifest lists files that prove nothing");
    report_.asked_other = other;
  }

  /// The same as clauses, where the system has bits.
  bool clauses_are_shown(const GuardedSystem& guarded, const InductiveInvariant& invariant,
                         const std::vector<RuleId>& rules) {
    Expected<std::string> clauses;
    const auto write = [&] { clauses = invariant_dimacs(guarded, invariant, rules); };
    if (work_patiently([&] { return control_.reason() == LimitKind::None; }, write))
      return leave("a limit was reached while the clauses were written"), false;
    if (!clauses) return true;
    const auto text = listed(kClauses, 1);
    if (!text) return false;
    if (*text != *clauses) return refuse("step.cnf says something else than the design"), false;
    EngineControl control(control_, std::nullopt);
    const auto shown = check_invariant(guarded, invariant, rules, InvariantPart::Whole, control);
    if (!shown) return refuse("CaDiCaL: " + shown.error()), false;
    if (!*shown) return leave("CaDiCaL came to no answer"), false;
    report_.asked_sat = true;
    return true;
  }

  /// One obligation: its script is the one of the design, and the solvers answer as they should.
  bool shown(const Obligation& obligation, bool other) {
    const std::string name = obligation.name + ".smt2";
    const auto text = listed(name, obligation.cases.size());
    if (!text) return false;
    if (*text != script_of(obligation)) return refuse(name + " says something else than the design"), false;
    if (!checker::recheck(obligation, control_, report_.result)) return false;
    if (!other) return true;
    switch (ask_other_solver(path_in(directory_, name), obligation.cases.size(), control_)) {
      case Answer::Unsatisfiable:
        return true;
      case Answer::Satisfiable:
        return refuse(obligation.what + ": cvc5 contradicts Z3"), false;
      case Answer::Unknown:
        break;
    }
    return leave(obligation.what + ": cvc5 came to no answer"), false;
  }

  std::string directory_;
  const CertificateOptions& options_;
  const SearchControl& control_;
  Manifest manifest_;
  std::unique_ptr<LoadedDesign> design_;
  std::set<std::string> seen_;  // files of the certificate that were compared
  CertificateReport report_;
};

}  // namespace

Expected<CertificateReport> recheck_certificate(const std::string& directory, const CertificateOptions& options,
                                                const SearchControl& control,
                                                const std::function<void(std::size_t)>& progress) {
  return Recheck(directory, options, control).run(progress);
}

}  // namespace quiesce::checker

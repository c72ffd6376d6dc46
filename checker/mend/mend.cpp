#include "checker/mend/mend.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "checker/load_again.h"
#include "checker/mend/candidates.h"
#include "checker/mend/dead_code.h"
#include "checker/mend/edit.h"
#include "checker/mend/run_lines.h"
#include "checker/mend/trial.h"
#include "checker/report/told_story.h"
#include "checker/result/search_control.h"
#include "model/base/internal_check.h"

namespace quiesce::checker {

namespace {

using Clock = std::chrono::steady_clock;

/// At most so many changes that break less are changed once more, and so many are looked at for it.
constexpr std::size_t kMostSeconds = 8;
constexpr std::size_t kMostLookedAt = 200;

/// So much of what may be spent is for changes that stand alone.
constexpr double kPartForSingle = 0.6;

/// At most so many changes make a mend.
constexpr std::size_t kMostTogether = 4;

/// When there are mends enough, so many more changes are tried for one that gives up less of what the design does: one
/// under which it has at least so much of the states that it has under another.
constexpr std::size_t kMoreChanges = 32;
constexpr double kKeeps = 0.6;

/// A changed text, to be tried.
struct Attempt {
  std::string text;  // empty: made by `edit` when it is tried
  Edit edit = {};
  const Editor* editor = nullptr;
  std::string what;
  std::size_t size = 1;
  const MendSubject* subject = nullptr;  // by which it is judged
  bool does_less = false;                // Candidate::does_less
  bool heeds = false;                    // Candidate::heeds
  ChangeResult result = {Change::Stopped};
};

/// A change after which less is broken, and the case in which a rule still is.
struct Promise {
  const Attempt* attempt = nullptr;
  std::size_t left = 0;  // rules still broken in the quick case; 0: that holds now, another case does not
  std::size_t run = 0;   // steps of the run that breaks one
  std::size_t case_ = 0;
};

/// A mend that need not be the last resort.
bool is_good(const Attempt& attempt) {
  return attempt.result.change == Change::Mends && !attempt.does_less && attempt.result.resting.empty();
}

/// Of MendOptions::most_states.
std::uint64_t cost_of(const Attempt& attempt) {
  return attempt.result.change == Change::Stopped ? 0 : kChangeStates + attempt.result.cost;
}

/// What two texts have in common that mean the same.
std::string without_space(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c != ' ' && c != '\n' && c != ';') out += c;
  }
  return out;
}

class Mender {
 public:
  Mender(const MendRequest& request, const MendOptions& options)
      : request_(request), options_(options), control_(limits_of(options), options.interrupt) {}

  MendResult run();

 private:
  static Limits limits_of(const MendOptions& options) {
    Limits limits;
    limits.time = options.time;
    return limits;
  }

  bool describe_subject();
  SearchResult result_of_case(std::size_t number) const;
  void choose_quick_case();
  std::vector<Attempt> attempts_on(const LoadedDesign& design, const std::string& text, const Attempt* first,
                                   const RunLines& lines, const MendSubject& subject);
  std::vector<Attempt> attempts_after(const Promise& promise);
  void try_all(std::vector<Attempt>& attempts);
  std::size_t horizon(const std::vector<Attempt>& attempts) const;
  std::size_t affordable(const std::vector<Attempt>& attempts) const;
  bool is_spent() const { return options_.most_states != 0 && spent_ >= options_.most_states; }
  /// Whether so many changes cannot be afforded, whatever their searches take: more need not be made.
  bool is_beyond_states(std::size_t changes) const {
    return options_.most_states != 0 && changes * kChangeStates > options_.most_states;
  }
  void try_single(std::vector<Attempt>& attempts);
  bool has_enough(const std::vector<Attempt>& attempts) const;
  void for_each(std::size_t count, const std::function<void(std::size_t)>& use);
  void try_one(std::vector<Attempt>& attempts, std::size_t i, std::size_t& done, std::size_t& mends);
  void try_known();
  std::vector<Attempt> attempts_after_all(const std::vector<Promise>& promises);
  void try_more(const std::vector<Attempt>& first);
  std::vector<Promise> further(const std::vector<Attempt>& attempts) const;
  std::vector<Promise> promising(const std::vector<Attempt>& attempts);
  void collect(const std::vector<Attempt>& attempts);
  void count(const std::vector<Attempt>& attempts);
  Mend mend_of(const Attempt& attempt) const;
  const std::string& own_text() const { return request_.design.sources.file(model::FileId(0)).text(); }

  const MendRequest& request_;
  const MendOptions& options_;
  SearchControl control_;
  MendSubject subject_;
  std::size_t shortest_ = std::string::npos;  // steps of the run that breaks the quick case
  MendResult result_;
  std::size_t tried_ = 0;                      // changes, as far as MendOptions::most_changes lets them be
  std::uint64_t spent_ = 0;                    // of MendOptions::most_states, before the attempts that are being tried
  std::uint64_t states_end_ = 0;               // so many of them may be spent by the attempts that are being tried
  std::optional<Clock::time_point> time_end_;  // likewise
  bool is_cut_ = false;                        // a part of the changes was left out for the sake of two changes
  std::set<std::string> seen_;                 // texts that were tried, or will be, without white space
  std::deque<Editor> editors_;                 // of the texts that changes are made of
  std::deque<MendSubject> subjects_;           // where another case is the quick one
  model::types::ParsedTexts parsed_;           // the modules that the design uses
  std::atomic<bool> stop_ = false;
  std::optional<std::string> failure_;
  std::mutex mutex_;
  std::condition_variable ended_;
};

// ---------------------------------------------------------------------------------------- what is to be mended

/// The result of a case: that of the outcome where it is complete.
SearchResult Mender::result_of_case(std::size_t number) const {
  const CheckCase& case_ = request_.check.cases[number];
  for (const CaseOutcome& outcome : request_.outcome.cases) {
    if (outcome.title == case_.title && outcome.result.complete) return outcome.result;
  }
  return check(case_, subject_.search);
}

void Mender::choose_quick_case() {
  for (const BrokenRule& broken : request_.outcome.broken) {
    const CaseOutcome& best = request_.outcome.cases[broken.best];
    const RuleResult* rule = result_of(*best.system, best.result, broken.name);
    const Finding* finding = rule != nullptr ? finding_of(best, *rule) : nullptr;
    const std::size_t steps = finding != nullptr ? finding->run.steps.size() : std::string::npos - 1;
    if (steps >= shortest_) continue;
    shortest_ = steps;
    for (std::size_t i = 0; i < request_.check.cases.size(); ++i) {
      if (request_.check.cases[i].title == best.title) subject_.quick_case = i;
    }
  }
}

bool Mender::describe_subject() {
  subject_.name = request_.design.name;
  subject_.load = request_.load;
  subject_.parsed = &parsed_;
  if (request_.check.from_text) {
    subject_.load.check = request_.check.number;
    subject_.load.system.reset();
  } else {
    subject_.load.system = request_.check.system;
    subject_.load.check.reset();
  }
  subject_.search = request_.search;
  subject_.search.engine = Engine::Explicit;
  subject_.search.search.order = Order::BreadthFirst;  // only a complete and exact search says that a rule holds
  subject_.search.search.storage = Storage::Exact;
  subject_.search.search.checkpoint.clear();
  subject_.search.search.resume.clear();
  subject_.search.search.after_first.reset();
  subject_.search.search.stop_at_first = false;
  subject_.search.search.interrupt = options_.interrupt;
  subject_.search.search.progress = nullptr;
  subject_.search.search.measure_multipliers = false;
  subject_.search.search.limits.time = options_.time;
  subject_.keep = request_.keep;
  choose_quick_case();
  for (std::size_t i = 0; i < request_.check.cases.size(); ++i) {
    const SearchResult found = result_of_case(i);
    subject_.states.push_back(found.statistics.distinct_states);
    CheckOptions search = subject_.search;
    prepare_for(found.statistics.distinct_states, search);
    subject_.exercised.push_back(exercised_rules(request_.check.cases[i], found, search));
    subject_.never_kept.push_back(
        leave_out_consequences(request_.check.cases[i], found, search, subject_.exercised.back()));
    if (i != subject_.quick_case) continue;
    for (const RuleResult& rule : found.rules) {
      if (rule.verdict == Verdict::Violated)
        subject_.broken.push_back(request_.check.cases[i].system.at(rule.rule).name);
    }
    std::sort(subject_.broken.begin(), subject_.broken.end());
  }
  LoadOptions load = subject_.load;
  load.coverage = true;
  load.interrupt = options_.interrupt;
  const auto unsliced = load_again(subject_.name, own_text(), load, parsed_);
  CheckOptions bounded = subject_.search;
  if (options_.time) bounded.search.limits.time = *options_.time / 4;
  if (unsliced->ok()) subject_.dead = dead_statements(*unsliced, bounded, nullptr);
  return control_.reason() == LimitKind::None;
}

// ------------------------------------------------------------------------------------------------- the search

std::vector<Attempt> Mender::attempts_on(const LoadedDesign& design, const std::string& text, const Attempt* first,
                                         const RunLines& lines, const MendSubject& subject) {
  std::vector<Attempt> attempts;
  const Editor& editor = editors_.emplace_back(text);
  for (const Candidate& candidate : candidates_of(design, lines.nearness, lines.executed)) {
    if (control_.reason() != LimitKind::None || is_beyond_states(attempts.size())) break;
    if (!seen_.insert(without_space(edited(text, candidate.edit))).second) continue;
    Attempt attempt;
    attempt.edit = candidate.edit;
    attempt.editor = &editor;
    attempt.what = first == nullptr ? candidate.what : first->what + "; " + candidate.what;
    attempt.size = candidate.size + (first == nullptr ? 0 : first->size);
    attempt.subject = &subject;
    attempt.does_less = candidate.does_less || (first != nullptr && first->does_less);
    attempt.heeds = candidate.heeds || (first != nullptr && first->heeds);
    attempts.push_back(std::move(attempt));
  }
  return attempts;
}

/// How many of the attempts, from the first on, MendOptions::most_states lets be tried; those that were not tried yet
/// count as if they cost nothing.
std::size_t Mender::affordable(const std::vector<Attempt>& attempts) const {
  if (options_.most_states == 0) return attempts.size();
  std::uint64_t spent = spent_;
  std::size_t i = 0;
  for (; i < attempts.size() && spent < states_end_; ++i) spent += cost_of(attempts[i]);
  return i;
}

/// How many of the attempts are looked at: some after those that are mends enough.
std::size_t Mender::horizon(const std::vector<Attempt>& attempts) const {
  const std::size_t end = affordable(attempts);
  std::size_t mends = 0;
  for (std::size_t i = 0; i < end; ++i) {
    if (!is_good(attempts[i]) || ++mends < options_.most) continue;
    const auto is_larger = [&](const Attempt& other) { return other.size > attempts[i].size; };
    const auto larger = std::find_if(attempts.begin() + static_cast<std::ptrdiff_t>(i), attempts.end(), is_larger);
    return std::min({end, i + kMoreChanges, static_cast<std::size_t>(larger - attempts.begin())});
  }
  return end;
}

/// Whether everything up to the horizon was tried.
bool Mender::has_enough(const std::vector<Attempt>& attempts) const {
  const auto end = attempts.begin() + static_cast<std::ptrdiff_t>(horizon(attempts));
  return std::none_of(attempts.begin(), end,
                      [](const Attempt& attempt) { return attempt.result.change == Change::Stopped; });
}

/// Calls `use` for 0, 1, ... `count` - 1, in some order, with all threads, until all are done or a limit comes.
void Mender::for_each(std::size_t count, const std::function<void(std::size_t)>& use) {
  unsigned jobs = options_.threads != 0 ? options_.threads : std::max(1U, std::thread::hardware_concurrency());
  jobs = static_cast<unsigned>(std::min<std::size_t>(jobs, count));
  std::atomic<std::size_t> next = 0;
  std::size_t running = jobs;
  const auto work = [&] {
    try {
      for (std::size_t i = next++; i < count && !stop_; i = next++) use(i);
    } catch (const std::exception& error) {
      const std::lock_guard lock(mutex_);
      failure_ = error.what();
      stop_ = true;
    }
    const std::lock_guard lock(mutex_);
    --running;
    ended_.notify_all();
  };
  stop_ = control_.reason() != LimitKind::None;
  std::vector<std::thread> workers;
  for (unsigned i = 0; i < jobs; ++i) workers.emplace_back(work);
  {
    std::unique_lock lock(mutex_);
    while (running > 0) {
      ended_.wait_for(lock, std::chrono::milliseconds(50));
      if (time_end_ && Clock::now() > *time_end_) stop_ = is_cut_ = true;
      if (control_.reason() != LimitKind::None) stop_ = true;
    }
  }
  for (std::thread& worker : workers) worker.join();
  if (failure_) throw InternalError(*failure_);
}

void Mender::try_one(std::vector<Attempt>& attempts, std::size_t i, std::size_t& done, std::size_t& mends) {
  const Attempt& attempt = attempts[i];
  const MendTrials trials(*attempt.subject, stop_);
  const std::string text = attempt.editor != nullptr ? attempt.editor->apply(attempt.edit) : attempt.text;
  ChangeResult result = trials.try_quickly(text);
  const bool may_mend = result.change == Change::Mends || result.change == Change::TooLarge;
  if (may_mend) {
    const std::uint64_t cost = result.cost;
    result = trials.try_fully(text, attempt.heeds);
    result.cost += cost;
  }
  const std::lock_guard lock(mutex_);
  attempts[i].result = result;
  attempts[i].text = text;
  mends += is_good(attempts[i]) ? 1 : 0;
  const bool may_end = mends >= options_.most || affordable(attempts) < attempts.size();
  if (may_end && has_enough(attempts)) stop_ = true;
  if (options_.progress) options_.progress(++done, attempts.size());
}

void Mender::try_all(std::vector<Attempt>& attempts) {
  result_.tally.all += attempts.size();
  if (options_.most_changes != 0)
    attempts.resize(std::min(attempts.size(), options_.most_changes - std::min(options_.most_changes, tried_)));
  tried_ += attempts.size();
  std::size_t done = 0;
  std::size_t mends = 0;
  for_each(attempts.size(), [&](std::size_t i) { try_one(attempts, i, done, mends); });
  count(attempts);
  collect(attempts);
  const std::size_t end = affordable(attempts);
  for (std::size_t i = 0; i < end; ++i) spent_ += cost_of(attempts[i]);
}

void Mender::count(const std::vector<Attempt>& attempts) {
  MendTally& tally = result_.tally;
  for (std::size_t i = 0; i < horizon(attempts); ++i) {
    const Attempt& attempt = attempts[i];
    tally.tried += attempt.result.change != Change::Stopped ? 1 : 0;
    tally.refused += attempt.result.change == Change::Refused ? 1 : 0;
    tally.broken += attempt.result.change == Change::Broken ? 1 : 0;
    tally.vacuous += attempt.result.change == Change::Vacuous ? 1 : 0;
    tally.dead += attempt.result.change == Change::Dead ? 1 : 0;
    tally.other += attempt.result.change == Change::BreaksOther ? 1 : 0;
    tally.too_large += attempt.result.change == Change::TooLarge ? 1 : 0;
  }
}

/// The first of the mends up to the horizon, those that give up much of what the design does last. Where a limit came
/// first, of those that were found.
void Mender::collect(const std::vector<Attempt>& attempts) {
  std::vector<const Attempt*> mends;
  std::uint64_t most_states = 0;
  for (std::size_t i = 0; i < horizon(attempts); ++i) {
    if (attempts[i].result.change != Change::Mends) continue;
    mends.push_back(&attempts[i]);
    most_states = std::max(most_states, attempts[i].result.states);
  }
  std::stable_partition(mends.begin(), mends.end(), [&](const Attempt* attempt) {
    return static_cast<double>(attempt->result.states) >= kKeeps * static_cast<double>(most_states);
  });
  if (std::any_of(mends.begin(), mends.end(), [](const Attempt* attempt) { return is_good(*attempt); }))
    std::erase_if(mends, [](const Attempt* attempt) { return !is_good(*attempt); });
  for (const Attempt* attempt : mends) {
    if (result_.mends.size() < options_.most) result_.mends.push_back(mend_of(*attempt));
  }
}

/// Changes after which a case holds that did not, then those after which fewer rules are broken, the fewest first, then
/// those after which it takes a longer run to break one, the longest first: what is left may take one more change.
std::vector<Promise> Mender::promising(const std::vector<Attempt>& attempts) {
  stop_ = false;
  std::vector<Promise> looked_at;
  std::vector<Promise> best;
  std::vector<Promise> longer;
  for (const Attempt& attempt : attempts) {
    if (attempt.result.change != Change::Broken) continue;
    const bool mends_case = attempt.result.case_ != subject_.quick_case;
    const bool breaks_same = subject_.broken.size() < 2 && attempt.result.rule == subject_.broken.front();
    if (mends_case && best.size() < kMostSeconds / 2) best.push_back({&attempt, 0, 0, attempt.result.case_});
    if (!mends_case && attempt.result.run > shortest_)
      longer.push_back({&attempt, 1, attempt.result.run, subject_.quick_case});
    if (!mends_case && !breaks_same && looked_at.size() < kMostLookedAt)
      looked_at.push_back({&attempt, 0, 0, subject_.quick_case});
  }
  const MendTrials trials(subject_, stop_);
  for_each(looked_at.size(), [&](std::size_t i) {
    const BrokenRules broken = trials.broken_by(looked_at[i].attempt->text);
    const std::vector<std::string>& rules = broken.names;
    const std::vector<std::string>& now = subject_.broken;
    const bool is_less = broken.is_complete && rules.size() < now.size() &&
                         std::includes(now.begin(), now.end(), rules.begin(), rules.end());
    if (is_less) looked_at[i].left = rules.size();
    const std::lock_guard lock(mutex_);
    spent_ += kChangeStates + broken.cost;
  });
  std::erase_if(looked_at, [](const Promise& one) { return one.left == 0; });
  std::stable_sort(looked_at.begin(), looked_at.end(),
                   [](const Promise& a, const Promise& b) { return a.left < b.left; });
  std::stable_sort(longer.begin(), longer.end(), [](const Promise& a, const Promise& b) { return a.run > b.run; });
  looked_at.insert(looked_at.end(), longer.begin(), longer.end());
  for (const Promise& one : looked_at) {
    const bool is_there =
        std::any_of(best.begin(), best.end(), [&](const Promise& known) { return known.attempt == one.attempt; });
    if (best.size() < kMostSeconds && !is_there) best.push_back(one);
  }
  return best;
}

// ------------------------------------------------------------------------------------------------- the answer

Mend Mender::mend_of(const Attempt& attempt) const {
  Mend mend;
  mend.what = attempt.what;
  if (const std::string& rule = attempt.result.resting; !rule.empty())
    mend.what += fmt::format(" (then nothing exercises {} any more)", rule);
  mend.text = attempt.text;
  mend.changes = line_changes(own_text(), attempt.text);
  mend.patch = unified_diff(request_.design.name, own_text(), attempt.text);
  mend.size = attempt.size;
  return mend;
}

/// Whether a mend of another check of the file mends this one, too.
void Mender::try_known() {
  std::vector<Attempt> attempts;
  for (const Mend& known : request_.known) {
    Attempt attempt;
    attempt.text = known.text;
    attempt.what = known.what;
    attempt.size = known.size;
    attempt.subject = &subject_;
    attempts.push_back(std::move(attempt));
  }
  try_all(attempts);
  result_.is_known = !result_.mends.empty();
  for (const Mend& known : request_.known) seen_.insert(without_space(known.text));
}

/// The changes of a design that was changed once, near the run that is still broken there.
std::vector<Attempt> Mender::attempts_after(const Promise& promise) {
  LoadOptions load = subject_.load;
  load.only_case = promise.case_;
  const auto changed = load_again(request_.design.name, promise.attempt->text, load, parsed_);
  if (!changed->ok() || changed->checks.empty() || changed->checks.front().cases.empty()) return {};
  CheckOptions options = MendTrials(subject_, stop_).search_options(promise.case_);
  options.search.stop_at_first = true;
  options.search.limits.states = MendTrials::kAlwaysSearched;
  const CheckCase& case_ = changed->checks.front().cases.front();
  std::vector<CaseOutcome> cases;
  cases.push_back(case_outcome(case_, check(case_, options), {}));
  const CheckOutcome outcome = outcome_of(std::move(cases));
  MendSubject& subject = subjects_.emplace_back(subject_);
  subject.quick_case = promise.case_;
  return attempts_on(*changed, promise.attempt->text, promise.attempt, run_lines(outcome, changed->sources), subject);
}

/// Each change alone, for the first part of what may be spent: there may be many, and the rest is for two together.
void Mender::try_single(std::vector<Attempt>& attempts) {
  states_end_ = static_cast<std::uint64_t>(kPartForSingle * static_cast<double>(options_.most_states));
  if (options_.time)
    time_end_ = Clock::now() + std::chrono::duration_cast<Clock::duration>(kPartForSingle * *options_.time);
  try_all(attempts);
  is_cut_ = is_cut_ || (options_.most_states != 0 && spent_ >= states_end_);
  states_end_ = options_.most_states;
  time_end_.reset();
}

/// The changes of those that were promising, the first of each before the second of any: which promise is kept is not
/// known.
std::vector<Attempt> Mender::attempts_after_all(const std::vector<Promise>& promises) {
  std::vector<std::vector<Attempt>> of_each;
  for (const Promise& promise : promises) of_each.push_back(attempts_after(promise));
  std::vector<Attempt> attempts;
  std::size_t longest = 0;
  for (const std::vector<Attempt>& some : of_each) longest = std::max(longest, some.size());
  for (std::size_t i = 0; i < longest; ++i) {
    for (std::vector<Attempt>& some : of_each) {
      if (i < some.size()) attempts.push_back(std::move(some[i]));
    }
  }
  std::stable_sort(attempts.begin(), attempts.end(),
                   [](const Attempt& a, const Attempt& b) { return a.size < b.size; });
  return attempts;
}

/// Two changes; and one more as long as each mends a further case, which a mistake of its own may break.
void Mender::try_more(const std::vector<Attempt>& first) {
  std::vector<Promise> promises = promising(first);
  std::deque<std::vector<Attempt>> rounds;  // promises point into them
  for (std::size_t changes = 2; changes <= kMostTogether && !promises.empty(); ++changes) {
    rounds.push_back(attempts_after_all(promises));
    try_all(rounds.back());
    if (!result_.mends.empty() || control_.reason() != LimitKind::None || is_spent()) return;
    promises = further(rounds.back());
  }
}

/// Of changes of changed designs those after which one more case holds than before.
std::vector<Promise> Mender::further(const std::vector<Attempt>& attempts) const {
  std::vector<Promise> best;
  for (const Attempt& attempt : attempts) {
    const bool mends_case =
        attempt.result.change == Change::Broken && attempt.result.case_ > attempt.subject->quick_case;
    if (mends_case && best.size() < kMostSeconds / 2) best.push_back({&attempt, 0, 0, attempt.result.case_});
  }
  return best;
}

MendResult Mender::run() {
  const Clock::time_point began = Clock::now();
  for (const BrokenRule& rule : request_.outcome.broken) result_.broken.push_back(rule.name);
  QUIESCE_CHECK(!result_.broken.empty()) << "a check that breaks no rule is to be mended";
  seen_.insert(without_space(own_text()));
  states_end_ = options_.most_states;
  if (describe_subject()) try_known();
  if (result_.mends.empty() && control_.reason() == LimitKind::None) {
    std::vector<Attempt> attempts = attempts_on(request_.design, own_text(), nullptr,
                                                run_lines(request_.outcome, request_.design.sources), subject_);
    try_single(attempts);
    if (result_.mends.empty() && control_.reason() == LimitKind::None && !is_spent()) try_more(attempts);
  }
  if (result_.mends.size() < options_.most) result_.limit = control_.reason();
  if (result_.limit == LimitKind::None && result_.mends.size() < options_.most && (is_cut_ || is_spent()))
    result_.limit = options_.most_states != 0 ? LimitKind::States : LimitKind::Time;
  result_.wall = Clock::now() - began;
  return std::move(result_);
}

}  // namespace

MendResult find_mends(const MendRequest& request, const MendOptions& options) { return Mender(request, options).run(); }

}  // namespace quiesce::checker

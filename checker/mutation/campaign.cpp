#include "checker/mutation/campaign.h"

#include <algorithm>
#include <exception>
#include <mutex>
#include <optional>
#include <random>
#include <set>
#include <thread>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "model/base/diagnostic.h"
#include "model/base/internal_check.h"
#include "model/base/source.h"
#include "model/syntax/parser.h"

namespace quiesce::checker {

namespace {

using model::syntax::Check;
using model::syntax::Declaration;

bool is_design(const model::syntax::File& file) {
  return std::any_of(file.declarations.begin(), file.declarations.end(),
                     [](const Declaration& declaration) { return std::holds_alternative<Check>(declaration.kind); });
}

bool is_chosen(const std::string& module, const std::string& wanted) {
  return wanted.empty() || module == wanted || module.starts_with(wanted + ".");
}

bool mentions(const Mutant& mutant, const std::string& text) {
  const std::string all = mutant.module + " " + mutant.place + " " + mutant.rule + " " + mutant.was + " " + mutant.now;
  return all.find(text) != std::string::npos;
}

class Runner {
 public:
  Runner(const std::vector<NamedText>& files, const CampaignOptions& options)
      : files_(files), options_(options), trials_(options.library_directory, options.interrupt) {}

  Campaign run() {
    find_mutants();
    if (campaign_.problems.empty() && campaign_.tried.empty()) campaign_.problems.push_back("nothing to mutate");
    if (!campaign_.problems.empty()) return std::move(campaign_);
    survey_designs();
    if (campaign_.problems.empty() && campaign_.designs == 0)
      campaign_.problems.push_back("no design uses a module that is mutated");
    if (campaign_.problems.empty()) try_all();
    return std::move(campaign_);
  }

 private:
  bool is_interrupted() const { return options_.interrupt != nullptr && *options_.interrupt; }
  void find_mutants();
  void choose_sample();
  void survey_designs();
  void try_all();

  const std::vector<NamedText>& files_;
  const CampaignOptions& options_;
  Trials trials_;
  std::vector<const NamedText*> designs_;
  std::vector<const NamedText*> text_of_;  // by position in campaign_.tried
  std::set<std::string> mutated_files_;
  Campaign campaign_;
};

void Runner::find_mutants() {
  for (const NamedText& named : files_) {
    model::SourceMap sources;
    model::Diagnostics diagnostics;
    const model::FileId id = sources.add(named.path, named.text);
    const auto file = model::syntax::parse(id, sources, diagnostics);
    if (diagnostics.has_errors()) {
      campaign_.problems.push_back(fmt::format("'{}' cannot be read; see 'quiesce test {}'", named.path, named.path));
      continue;
    }
    if (is_design(*file)) {
      designs_.push_back(&named);
      continue;
    }
    if (!file->module || !is_chosen(file->module->text(), options_.module)) continue;
    campaign_.modules.push_back(file->module->text());
    mutated_files_.insert(named.path);
    for (Mutant& mutant : mutants_of(*file, sources)) {
      if (!options_.only.empty() && !mentions(mutant, options_.only)) continue;
      campaign_.tried.push_back({std::move(mutant), named.path, {}});
      text_of_.push_back(&named);
    }
  }
  campaign_.mutants = campaign_.tried.size();
  choose_sample();
}

/// A shuffle written out, since std::shuffle differs between libraries.
void Runner::choose_sample() {
  const std::size_t count = campaign_.tried.size();
  if (options_.sample == 0 || options_.sample >= count) return;
  std::vector<std::size_t> order(count);
  for (std::size_t i = 0; i < count; ++i) order[i] = i;
  std::mt19937_64 random(options_.seed);
  for (std::size_t i = 0; i < options_.sample; ++i) std::swap(order[i], order[i + random() % (count - i)]);
  order.resize(options_.sample);
  std::sort(order.begin(), order.end());
  std::vector<TriedMutant> chosen;
  std::vector<const NamedText*> texts;
  for (const std::size_t i : order) {
    chosen.push_back(std::move(campaign_.tried[i]));
    texts.push_back(text_of_[i]);
  }
  campaign_.tried = std::move(chosen);
  text_of_ = std::move(texts);
}

void Runner::survey_designs() {
  for (const NamedText* design : designs_) {
    const std::string problem = trials_.add_design(design->path, design->text, mutated_files_);
    if (is_interrupted()) {
      campaign_.interrupted = true;
      return;
    }
    if (!problem.empty())
      campaign_.problems.push_back(
          fmt::format("'{}' is not as it expects before any change: {}", design->path, problem));
  }
  trials_.prepare();
  campaign_.designs = trials_.designs();
  campaign_.cases = trials_.cases();
}

void Runner::try_all() {
  for (TriedMutant& tried : campaign_.tried) tried.result.notice = Notice::Interrupted;
  std::atomic<std::size_t> next = 0;
  std::mutex mutex;
  std::size_t done = 0;
  std::optional<std::string> failure;
  const auto work = [&] {
    for (std::size_t i = next++; i < campaign_.tried.size() && !is_interrupted(); i = next++) {
      TriedMutant& tried = campaign_.tried[i];
      try {
        tried.result = trials_.try_mutant(tried.mutant, tried.path, text_of_[i]->text);
      } catch (const std::exception& error) {
        const std::lock_guard lock(mutex);
        failure = fmt::format("{}:{}: '{}' instead of '{}': {}", tried.path, tried.mutant.line, tried.mutant.now,
                              tried.mutant.was, error.what());
        next = campaign_.tried.size();
        return;
      }
      const std::lock_guard lock(mutex);
      if (options_.progress) options_.progress(++done, campaign_.tried.size());
    }
  };
  unsigned jobs = options_.jobs != 0 ? options_.jobs : std::max(1U, std::thread::hardware_concurrency());
  jobs = static_cast<unsigned>(std::min<std::size_t>(jobs, campaign_.tried.size()));
  std::vector<std::thread> others;
  for (unsigned i = 1; i < jobs; ++i) others.emplace_back(work);
  work();
  for (std::thread& other : others) other.join();
  if (failure) throw InternalError(*failure);
  if (!is_interrupted()) return;
  campaign_.interrupted = true;
  std::erase_if(campaign_.tried, [](const TriedMutant& tried) { return tried.result.notice == Notice::Interrupted; });
}

}  // namespace

Campaign run_campaign(const std::vector<NamedText>& files, const CampaignOptions& options) {
  return Runner(files, options).run();
}

}  // namespace quiesce::checker

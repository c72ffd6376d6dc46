// The parts of a search on real designs: packing, canonical forms, successors, and the visited set on what they make.
// The designs are those of bench/protocols and one of the library, which has threads, handlers, levels and two CPUs.
//
//   pack, unpack     per state
//   canonical        per state, from states that are not representatives: successors before they are made canonical are
//                    not to be had here, so this is the cost of finding that nothing is to do
//   expand           per generated step; table and bytecode
//   insert           per generated state, in the order of a search, from an empty store with all growth
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "checker/load.h"
#include "checker/store/state_store.h"
#include "checker/successor/packed_expander.h"
#include "model/base/internal_check.h"
#include "model/interpret/interpreter.h"

namespace quiesce::checker {
namespace {

constexpr std::size_t kBatch = 256;
constexpr std::size_t kMaxStates = 300000;

/// A design, the states that a search finds first, and everything that they lead to.
class Sample {
 public:
  Sample(const std::string& name, std::map<std::string, std::string> defines) {
    const std::string path = std::string(QUIESCE_SOURCE_DIR "/") + name;
    std::ifstream file(path);
    std::ostringstream text;
    text << file.rdbuf();
    LoadOptions options;
    options.defines = std::move(defines);
    design_ = load_design(path, text.str(), options);
    QUIESCE_CHECK(design_->ok() && !design_->checks.empty()) << path << " cannot be loaded: " << design_->problem;
    const model::TransitionSystem& system = design_->checks[0].cases.back().system;
    table_ = std::make_unique<PackedSystem>(system);
    ExpanderOptions bytecode;
    bytecode.successors = Successors::Bytecode;
    bytecode_ = std::make_unique<PackedSystem>(system, bytecode);
    explore();
  }

  const PackedSystem& table() const { return *table_; }
  const PackedSystem& bytecode() const { return *bytecode_; }
  std::uint32_t words() const { return table_->packing().words(); }
  const std::vector<std::uint64_t>& states() const { return states_; }
  const std::vector<std::uint64_t>& generated() const { return generated_; }
  std::size_t count() const { return states_.size() / words(); }

 private:
  void explore() {
    const std::uint32_t words = this->words();
    StateStore store({words, words == 1 ? std::max(1u, table_->packing().bits()) : 64});
    CanonicalPacker packer(*table_);
    for (const model::State& state : model::Interpreter(table_->system()).initial_states()) {
      generated_.resize(generated_.size() + words);
      packer.pack(state.data(), generated_.data() + generated_.size() - words);
    }
    PackedExpander expander(*table_);
    PackedSuccessors successors;
    std::vector<StateKey> keys(1);
    std::vector<std::uint8_t> is_new(1);
    std::size_t inserted = 0;
    for (std::size_t expanded = 0;;) {
      while (inserted < generated_.size()) {
        std::uint64_t* state = generated_.data() + inserted;
        if (store.should_grow() || store.insert(state, 1, keys.data(), is_new.data()) == 0) {
          QUIESCE_CHECK(store.grow()) << "no memory";
          continue;
        }
        if (is_new[0] != 0) states_.insert(states_.end(), state, state + words);
        inserted += words;
      }
      if (expanded == count() || count() > kMaxStates) return;
      const std::size_t size = std::min(kBatch, count() - expanded);
      successors.clear();
      expander.expand(states_.data() + expanded * words, size, successors);
      expanded += size;
      generated_.insert(generated_.end(), successors.states.begin(), successors.states.end());
    }
  }

  std::unique_ptr<LoadedDesign> design_;
  std::unique_ptr<PackedSystem> table_;
  std::unique_ptr<PackedSystem> bytecode_;
  std::vector<std::uint64_t> states_;
  std::vector<std::uint64_t> generated_;
};

void expand(benchmark::State& state, const Sample& sample, const PackedSystem& system) {
  PackedExpander expander(system);
  PackedSuccessors successors;
  std::uint64_t steps = 0;
  for (auto _ : state) {
    for (std::size_t at = 0; at < sample.count(); at += kBatch) {
      successors.clear();
      expander.expand(sample.states().data() + at * sample.words(), std::min(kBatch, sample.count() - at), successors);
      steps += successors.steps;
    }
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(steps));
}

void pack(benchmark::State& state, const Sample& sample) {
  const Packing& packing = sample.table().packing();
  std::vector<std::int32_t> cells(packing.cells() * kBatch);
  for (std::size_t i = 0; i < kBatch; ++i) {
    packing.unpack(sample.states().data() + i * sample.count() / kBatch * sample.words(), &cells[i * packing.cells()]);
  }
  std::vector<std::uint64_t> words(sample.words());
  for (auto _ : state) {
    for (std::size_t i = 0; i < kBatch; ++i) {
      packing.pack(&cells[i * packing.cells()], words.data());
      benchmark::DoNotOptimize(words.data());
      benchmark::ClobberMemory();
    }
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) * kBatch);
}

void unpack(benchmark::State& state, const Sample& sample) {
  const Packing& packing = sample.table().packing();
  std::vector<std::int32_t> cells(packing.cells());
  for (auto _ : state) {
    for (std::size_t i = 0; i < kBatch; ++i) {
      packing.unpack(sample.states().data() + i * sample.words(), cells.data());
      benchmark::DoNotOptimize(cells.data());
      benchmark::ClobberMemory();
    }
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) * kBatch);
}

void canonical(benchmark::State& state, const Sample& sample) {
  CanonicalPacker packer(sample.table());
  std::vector<std::uint64_t> words(sample.words());
  for (auto _ : state) {
    for (std::size_t i = 0; i < sample.count(); ++i) {
      std::copy_n(sample.states().data() + i * sample.words(), sample.words(), words.data());
      packer.canonicalize(words.data());
      benchmark::DoNotOptimize(words.data());
    }
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * sample.count()));
}

void insert(benchmark::State& state, const Sample& sample) {
  const std::uint32_t words = sample.words();
  const std::size_t count = sample.generated().size() / words;
  StateKey keys[kBatch];
  std::uint8_t is_new[kBatch];
  double bytes = 0;
  for (auto _ : state) {
    StateStore store({words, words == 1 ? std::max(1u, sample.table().packing().bits()) : 64});
    for (std::size_t at = 0; at < count;) {
      const std::size_t size = std::min(kBatch, count - at);
      const std::size_t done = store.insert(sample.generated().data() + at * words, size, keys, is_new);
      at += done;
      if (done < size || store.should_grow()) store.grow();
    }
    QUIESCE_CHECK(store.size() == sample.count()) << store.size() << " states, not " << sample.count();
    bytes = static_cast<double>(store.memory_bytes()) / static_cast<double>(store.size());
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * count));
  state.counters["bytes/state"] = bytes;
}

void add(const std::string& label, const std::string& path, std::map<std::string, std::string> defines) {
  // Kept for as long as the program runs: the benchmarks refer to it.
  static std::vector<std::unique_ptr<Sample>> samples;
  samples.push_back(std::make_unique<Sample>(path, std::move(defines)));
  const Sample& sample = *samples.back();
  const std::string suffix = "/" + label + "/bits:" + std::to_string(sample.table().packing().bits());
  const auto of = [&](const char* name, auto work) {
    benchmark::RegisterBenchmark((name + suffix).c_str(), [work, &sample](benchmark::State& s) { work(s, sample); });
  };
  of("pack", pack);
  of("unpack", unpack);
  of("canonical", canonical);
  of("expand_table", [](benchmark::State& s, const Sample& of_design) { expand(s, of_design, of_design.table()); });
  of("expand_bytecode",
     [](benchmark::State& s, const Sample& of_design) { expand(s, of_design, of_design.bytecode()); });
  of("insert", insert);
}

}  // namespace
}  // namespace quiesce::checker

int main(int argc, char** argv) {
  using quiesce::checker::add;
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  add("shared_line", "bench/protocols/shared_line.qsm", {{"n", "4"}});
  add("connectors", "bench/protocols/connectors.qsm", {});
  add("requests", "bench/protocols/requests.qsm", {});
  add("teardown", "bench/protocols/teardown.qsm", {});
  add("port_and_card", "specs/systems/designs/port_and_card.qsm", {});
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}

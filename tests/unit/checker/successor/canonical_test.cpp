#include "checker/successor/canonical.h"

#include <gtest/gtest.h>

#include "checker/successor/packed_canonical.h"

#include <map>

#include "model/interpret/interpreter.h"
#include "tests/support/system_builder.h"

namespace quiesce::checker {
namespace {

using model::CellId;
using model::CellKind;
using model::State;
using model::SystemBuilder;

CellId add_cell(model::TransitionSystem& system, const char* name, std::int64_t hi, CellKind kind) {
  model::Cell cell;
  cell.name = name;
  cell.hi = hi;
  cell.kind = kind;
  system.cells.push_back(cell);
  return CellId(system.cells.size() - 1);
}

/// Checks on every state over the domains of all cells that two states have one representative here, by cells and
/// packed, exactly when they have one for the interpreter. Returns the number of representatives.
std::size_t compare_all_states(model::TransitionSystem system) {
  for (std::size_t i = 0; i < system.cells.size(); ++i) {  // so that no cell rests forever
    system.initial.push_back({CellId(i), {}, system.cells[i].lo, system.cells[i].hi});
  }
  const model::Interpreter interpreter(system);
  Canonicalizer canonicalizer(system);
  const Packing packing(system);
  PackedCanonical packed(system, packing);
  std::map<State, State> by_reference, by_engine;
  std::map<State, std::vector<std::uint64_t>> packed_by_reference;
  std::map<std::vector<std::uint64_t>, State> by_packed;
  State state;
  for (const model::Cell& cell : system.cells) state.push_back(static_cast<std::int32_t>(cell.lo));
  for (;;) {
    const std::int32_t* found = canonicalizer.canonical(state.data());
    const State engine(found, found + state.size());
    const State reference = interpreter.canonical(state);
    EXPECT_EQ(by_reference.try_emplace(reference, engine).first->second, engine);
    EXPECT_EQ(by_engine.try_emplace(engine, reference).first->second, reference);
    std::vector<std::uint64_t> words(packing.words());
    packing.pack(state.data(), words.data());
    packed.canonical(words.data());
    EXPECT_EQ(packed_by_reference.try_emplace(reference, words).first->second, words);
    EXPECT_EQ(by_packed.try_emplace(words, reference).first->second, reference);
    State renamed(state.size());
    packing.unpack(words.data(), renamed.data());
    EXPECT_EQ(interpreter.canonical(renamed), reference) << "a representative is a renaming";
    std::vector<std::uint64_t> same = words;
    packed.canonical(same.data());
    EXPECT_EQ(same, words) << "a representative represents itself";
    const std::int32_t* again = canonicalizer.canonical(engine.data());
    EXPECT_EQ(State(again, again + state.size()), engine) << "a representative represents itself";
    std::size_t i = 0;
    while (i < state.size() && state[i] == system.cells[i].hi)
      state[i] = static_cast<std::int32_t>(system.cells[i].lo), ++i;
    if (i == state.size()) break;
    ++state[i];
  }
  return by_engine.size();
}

TEST(Canonicalizer, RenamesCpusInCells) {
  for (std::uint32_t cpus = 1; cpus <= 4; ++cpus) {
    SystemBuilder b(cpus);
    for (const char* name : {"a", "b", "c"}) add_cell(b.system, name, cpus, CellKind::Cpu);
    // Ways to name CPUs, up to renaming: partitions of the named cells.
    EXPECT_EQ(compare_all_states(b.system), (std::vector<std::size_t>{0, 8, 14, 15, 15})[cpus]);
  }
}

TEST(Canonicalizer, KeepsFixedCpus) {
  SystemBuilder b(3);
  b.system.fixed_cpus = 2;
  add_cell(b.system, "a", 3, CellKind::Cpu);
  add_cell(b.system, "b", 3, CellKind::Cpu);
  EXPECT_EQ(compare_all_states(b.system), 10u);
}

TEST(Canonicalizer, MovesBlocksAndBlocksInsideBlocks) {
  for (std::uint32_t cpus = 2; cpus <= 3; ++cpus) {
    SystemBuilder b(cpus);
    model::CpuBlocks outer;
    outer.length = cpus;
    std::vector<model::CpuBlocks> rows(cpus);
    for (std::uint32_t c = 0; c < cpus; ++c) {
      for (std::uint32_t d = 0; d < cpus; ++d) {
        rows[c].first.push_back(add_cell(b.system, "matrix", 1, CellKind::Plain));
      }
      outer.first.push_back(rows[c].first[0]);
    }
    b.system.cpu_blocks.push_back(outer);
    b.system.cpu_blocks.insert(b.system.cpu_blocks.end(), rows.begin(), rows.end());
    add_cell(b.system, "home", cpus, CellKind::Cpu);
    compare_all_states(b.system);
  }
}

TEST(Canonicalizer, MovesFieldsOfArraysOverCpusAndOfCpusOverCpus) {
  for (std::uint32_t cpus = 2; cpus <= 4; ++cpus) {
    SystemBuilder b(cpus);
    model::CpuBlocks counts;
    for (std::uint32_t c = 0; c < cpus; ++c) counts.first.push_back(add_cell(b.system, "count", 2, CellKind::Plain));
    b.system.cpu_blocks.push_back(counts);
    add_cell(b.system, "home", cpus, CellKind::Cpu);
    if (cpus < 4) {
      model::CpuBlocks next;
      for (std::uint32_t c = 0; c < cpus; ++c) next.first.push_back(add_cell(b.system, "next", cpus, CellKind::Cpu));
      b.system.cpu_blocks.push_back(next);
    }
    compare_all_states(b.system);
  }
}

TEST(Canonicalizer, TellsActivationsOnManyCpus) {
  for (std::uint32_t cpus = 3; cpus <= 4; ++cpus) {
    SystemBuilder b(cpus);
    const model::ContextId handler = b.handler("dpc", 2, b.number(1), 1, 3);
    b.at(handler, 1) = b.program({b.end()});
    model::CpuBlocks busy;
    for (std::uint32_t c = 0; c < cpus; ++c) busy.first.push_back(add_cell(b.system, "busy", 1, CellKind::Plain));
    b.system.cpu_blocks.push_back(busy);
    add_cell(b.system, "home", cpus, CellKind::Cpu);
    for (model::Cell& cell : b.system.cells) {
      if (cell.kind == CellKind::Plain && cell.hi > 1) cell.hi = 0;  // levels
      if (cell.kind == CellKind::Location && cpus == 4) cell.hi = cell.lo = 1;
    }
    compare_all_states(b.system);
  }
}

TEST(Canonicalizer, ForgetsWhichActivationIsWhich) {
  SystemBuilder b(2);
  const model::ContextId handler = b.handler("dpc", 2, b.number(1), 1, 3);
  b.at(handler, 1) = b.program({b.end()});
  b.local(handler, "local", 0, 1);
  add_cell(b.system, "lock", 3, CellKind::Slot);
  for (model::Cell& cell : b.system.cells) {
    if (cell.kind == CellKind::Plain) cell.hi = std::min<std::int64_t>(cell.hi, 1);  // levels: two are enough here
  }
  compare_all_states(b.system);
}

/// Two families whose locals name CPUs and lie in arrays over CPUs, and an array over CPUs of activations.
TEST(Canonicalizer, TellsActivationsThatNameCpus) {
  for (std::uint32_t cpus = 1; cpus <= 3; ++cpus) {
    SystemBuilder b(cpus);
    std::vector<model::ContextId> handlers;
    for (const char* name : {"dpc", "item"}) {
      handlers.push_back(b.handler(name, 2, b.number(1), 1, 2));
      b.at(handlers.back(), 1) = b.program({b.end()});
    }
    for (const CellId cell : b.local(handlers[0], "local", 0, cpus)) b.system.cells[cell.value].kind = CellKind::Cpu;
    if (cpus < 3) {
      model::CpuBlocks last;
      for (std::uint32_t c = 0; c < cpus; ++c) last.first.push_back(add_cell(b.system, "last", 2, CellKind::Slot));
      b.system.cpu_blocks.push_back(last);
    }
    for (model::Cell& cell : b.system.cells) {
      if (cell.kind == CellKind::Plain && cell.hi > 2) cell.hi = 0;  // levels
    }
    for (const CellId cell : b.system.at(handlers[1]).cpu_cell) {
      if (cpus == 3) b.system.cells[cell.value].hi = 0;
    }
    compare_all_states(b.system);
  }
}

}  // namespace
}  // namespace quiesce::checker

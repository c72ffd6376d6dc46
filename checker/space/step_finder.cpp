#include "checker/space/step_finder.h"

#include <algorithm>
#include <utility>

namespace quiesce::checker {

std::optional<FoundStep> StepFinder::find(const model::State& from, const WantedStep& wanted,
                                          const SearchControl* control) {
  wanted_ = &wanted;
  control_ = control;
  if (control_ != nullptr) control_->check();
  found_.reset();
  generator_.expand(from.data(), *this);
  if (!found_ && control_ != nullptr) control_->check();
  return std::move(found_);
}

void StepFinder::on_successor(const SuccessorView& view) {
  if (found_ || (wanted_->acts && !wanted_->acts(view.actor))) return;
  std::int32_t failed = -1;
  if (wanted_->to != nullptr) {
    if (view.ends_run()) return;
    packer_.pack(view.next, packed_.data());
    if (packed_ != *wanted_->to) return;
  } else {
    const auto broken = std::find_if(view.failed->begin(), view.failed->end(), wanted_->fails);
    if (broken == view.failed->end()) return;
    failed = *broken;
  }
  FoundStep& found = found_.emplace();
  found.failed = failed;
  found.step.actor = view.actor;
  found.step.cpu = view.cpu;
  for (const ChoiceMade& choice : *view.choices) {
    found.step.choices.push_back(choice.value);
    found.step.counted.push_back(choice.counted);
  }
  if (!view.ends_run()) found.after.assign(view.next, view.next + system_.packing().cells());
  generator_.stop();
}

}  // namespace quiesce::checker

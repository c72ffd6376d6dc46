// std::visit with one lambda per alternative and no catch-all, so that a new kind of node fails to compile
// wherever kinds are distinguished: std::visit(Overloaded{[](const A&) {...}, [](const B&) {...}}, variant).
#pragma once

namespace quiesce {

template <typename... Functions>
struct Overloaded : Functions... {
  using Functions::operator()...;
};
template <typename... Functions>
Overloaded(Functions...) -> Overloaded<Functions...>;

}  // namespace quiesce

// Names and types: the syntax trees of all modules to the typed tree (typed_tree.h), with a diagnostic for
// whatever does not fit. What follows from a reported mistake is not reported again.
//
// Codes (those of the module loader among them):
//   E0201 unknown name                         E0401 call that takes steps inside an expression
//   E0202 declared twice                       E0402 recursion
//   E0203 would hide another name              E0403 not allowed in 'accept'
//   E0204 may mean several enum constants      E0404 'break' or 'continue' without a loop in reach
//   E0205 no such member, field or value       E0405 'return' out of a block that must be left at its end
//   E0206 wrong kind of name                   E0406 loop inside a step
//   E0207 used as a value, but is none         E0407 waiting in the middle of a step
//   E0209 depends on itself                    E0408 function may end without its result
//   E0210 label                                E0409 never reached (warning)
//   E0301 one type wanted, another found       E0410 'init' or 'free' of what is no object
//   E0302 operator and types do not fit        E0411 no context executes it; or a statement without effect
//   E0303 cannot be compared                   E0412 misplaced label
//   E0304 arguments                            E0413 'self' outside of a machine
//   E0305 cannot be called                     E0414 change of a queue or set as a value
//   E0306 must be fixed before the run         E0416 result not used (warning)
//   E0307 type not possible here               E0501 no such module
//   E0308 type cannot be inferred              E0502 misplaced or doubled module
//   E0309 cannot be changed                    E0503 no such system
//   E0310 locks                                E0504 no such rule
//   E0311 empty range, division by zero        E0505 'with'
//   E0312 result missing                       E0506 'expect'
//   E0313 'any'                                E0507 'cpus' and 'pin'
//   E0314 interface not implemented
//   E0315 contains itself
//   E0316 CPU named by a number
//   E0317 element of what has none, or array of instances without an index
#pragma once

#include <memory>

#include "model/base/diagnostic.h"
#include "model/types/module_loader.h"
#include "model/types/typed_tree.h"

namespace quiesce::model::types {

/// The checked program, with the checks of the root module only; null when `diagnostics` has errors (those of
/// the parser among them). The result owns all it points to and does not need `modules` any more.
std::unique_ptr<Program> check_program(const LoadedModules& modules, Diagnostics& diagnostics);

}  // namespace quiesce::model::types

// A run as a timeline in plain text: a lane for each CPU with the levels as heights, one column a step, a letter for
// what is there. Readable without colour: what acts is an upper case letter, what is interrupted a lower case one.
#pragma once

#include <cstddef>
#include <string>

#include "checker/report/story.h"

namespace quiesce::checker {

/// The timeline of `story` in blocks of at most `width` columns, with a legend, ended by an empty line. Threads without
/// a CPU stand in a lane of their own, actions of the hardware too; the violation is marked with '!', the begin of a
/// loop with '@'. Empty for a run without steps.
///
///     step              1        10
///     cpu 0   HIGH      ....B.....
///             DISPATCH  ...AaAA...
///     no cpu            AAA....AAA
///     violation         .........!
std::string timeline_text(const model::LevelNames& levels, const Story& story, std::size_t width);

}  // namespace quiesce::checker

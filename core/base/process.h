// process.h: what every program of ours asks of the system for itself, before anything else.
#pragma once

namespace relais {

// Leaves no core file: what crashes would write down the keys and opened forms that it holds. The
// processes that it starts leave none either. Called first in every main().
void leave_no_core_file();

}  // namespace relais

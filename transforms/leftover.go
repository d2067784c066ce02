package transforms

import (
	"runtime"
	"sync/atomic"
)

// collectAfter is how many bytes of voxels may lie about that nobody needs.
const collectAfter = 32 << 20

// leftover counts the bytes of voxels that workers have let go of since the
// garbage was last collected. The collector by itself would wait until they are
// as many as all that are in use, which with whole volumes is another volume or two.
var leftover atomic.Int64

// letGo says that voxels are needed no more, and collects the garbage once there
// is much of it: a millisecond or two each time, for voxels hold no pointers.
func letGo(bytes int) {
	if leftover.Add(int64(bytes)) >= collectAfter {
		leftover.Store(0)
		runtime.GC()
	}
}

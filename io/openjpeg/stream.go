package openjpeg

import (
	"sync"
	"unsafe"

	"github.com/ebitengine/purego"
)

// memory is a codestream that OpenJPEG reads through callbacks.
type memory struct {
	data []byte
	pos  int64
}

// memories are the codestreams that are being decoded, by the number that
// stands for them in C, where no Go pointer may stay.
var memories struct {
	sync.Mutex
	open map[uintptr]*memory
	last uintptr
}

func register(data []byte) uintptr {
	memories.Lock()
	defer memories.Unlock()
	if memories.open == nil {
		memories.open = map[uintptr]*memory{}
	}
	memories.last++
	memories.open[memories.last] = &memory{data: data}
	return memories.last
}

func unregister(id uintptr) {
	memories.Lock()
	defer memories.Unlock()
	delete(memories.open, id)
}

func registered(id uintptr) *memory {
	memories.Lock()
	defer memories.Unlock()
	return memories.open[id]
}

// end is (OPJ_SIZE_T)-1 and (OPJ_OFF_T)-1: the end of the stream.
const end = ^uintptr(0)

// callbacks are the C functions of a stream; a process can make few of them, so
// they are made once.
var callbacks = sync.OnceValue(func() (c struct{ read, skip, seek uintptr }) {
	c.read = purego.NewCallback(func(to unsafe.Pointer, n, id uintptr) uintptr {
		return registered(id).read(unsafe.Slice((*byte)(to), n))
	})
	c.skip = purego.NewCallback(func(n int64, id uintptr) uintptr { return registered(id).skip(n) })
	c.seek = purego.NewCallback(func(pos int64, id uintptr) uintptr { return registered(id).seek(pos) })
	return c
})

func (m *memory) read(to []byte) uintptr {
	n := copy(to, m.data[m.pos:])
	if n == 0 {
		return end
	}
	m.pos += int64(n)
	return uintptr(n)
}

// skip moves on by n bytes, to the end at most, and returns how many they were.
func (m *memory) skip(n int64) uintptr {
	left := int64(len(m.data)) - m.pos
	if n < 0 || left == 0 && n > 0 {
		return end
	}
	n = min(n, left)
	m.pos += n
	return uintptr(n)
}

// seek returns OPJ_TRUE when it could.
func (m *memory) seek(pos int64) uintptr {
	if pos < 0 || pos > int64(len(m.data)) {
		return 0
	}
	m.pos = pos
	return 1
}

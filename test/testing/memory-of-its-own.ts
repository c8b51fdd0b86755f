/** As jsdom has it: the memory of arrays is of this realm's class, and that of Buffers is not. */
globalThis.ArrayBuffer = new Float64Array(0).buffer.constructor as ArrayBufferConstructor;

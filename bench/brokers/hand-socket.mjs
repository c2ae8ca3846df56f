/** A socket that says what it is told to. */
export function handSocket() {
  const listeners = new Map()
  return {
    binaryType: 'arraybuffer',
    readyState: 1,
    send: () => undefined,
    close: () => listeners.get('close')?.(),
    addEventListener: (type, listener) => listeners.set(type, listener),
    on: (type, listener) => listeners.set(type, listener),
    emit: (type, value) => listeners.get(type)?.(value),
  }
}

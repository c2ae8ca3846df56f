const maximumFrames = 16
/** More of a stack is not looked at. */
const maximumStackLength = 32_768

/** The places of a stack, without the message that stands before them and may be anything. Empty where there is no stack. */
export function stackFrames(stack: unknown, message: unknown): readonly string[] {
  if (typeof stack !== 'string') return []
  const start = typeof message === 'string' ? stack.indexOf(message) : -1
  const places = start < 0 ? stack : stack.slice(start + String(message).length)
  const lines = places.slice(0, maximumStackLength).split('\n')
  return lines.filter((line) => /^\s*at /.test(line)).slice(0, maximumFrames)
}

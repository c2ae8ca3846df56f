/** Whether something is in force where a restart finds it: it may be, while it was begun and not answered. */
type InForce = 'no' | 'perhaps' | 'yes'

/** What is known of a halt, kill or freeze of one scope from the calls alone. */
export type ScopeLatch = {
  readonly state: InForce
  /** It was asked for. */
  begin(): void
  /** It was answered, or is known to be kept. */
  hold(): void
  /** Its end was asked for, and was answered. */
  beginUndo(): void
  undo(): void
  /** An undo came to nothing, or nobody is left to answer it. */
  endUndo(): void
  forgetUndos(): void
  /** A restart may find it undone. */
  doubt(): void
}

/** Nothing is in force. */
export function createScopeLatch(): ScopeLatch {
  let state: InForce = 'no'
  let undoing = 0
  return {
    get state() {
      return state
    },
    begin() {
      if (state === 'no') state = 'perhaps'
    },
    hold() {
      state = undoing > 0 ? 'perhaps' : 'yes'
    },
    beginUndo() {
      undoing += 1
      if (state === 'yes') state = 'perhaps'
    },
    undo() {
      undoing -= 1
      state = 'no'
    },
    endUndo() {
      undoing -= 1
    },
    forgetUndos() {
      undoing = 0
    },
    doubt() {
      if (state === 'yes') state = 'perhaps'
    },
  }
}

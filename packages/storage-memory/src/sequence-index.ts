/** Longer numbers do not fit in 31 bits. */
const mostDigits = 9
const pageBits = 8
const pageSize = 1 << pageBits
/** A form has this many pages before it must show that its numbers lie close enough. */
const freePages = 8
/** So many numbers for each page at least, or they cost more room than in a map. */
const fewestOfAPage = 8

/** The sequences of 256 neighbouring numbers, and the number before each, where the form has one. */
type Page = { readonly sequences: Uint32Array; readonly before: Uint32Array | undefined }

/**
 * The ids of one form by the number that counts them: what comes before it, with another number or without one, and what comes after it.
 * Two ids that differ in nothing but the number before have one place, which the first of them takes.
 */
class Form {
  /** Before the first number, between the two, and after the last; `between` is undefined where there is but one. */
  readonly #beginning: string
  readonly #between: string | undefined
  readonly #end: string
  /** An id of this form may be among those that are kept by their text. */
  hasStrays: boolean
  /** The numbers of the id that was matched last; the first is 0 where there is but one. */
  #first = 0
  #last = 0
  /** Where the number ends that was read last. */
  #place = 0
  /** The number of the page that is the first. */
  readonly #base: number
  readonly #pages: (Page | undefined)[] = []
  #pageCount = 0
  #size = 0

  constructor(id: string, { first, last }: Numbers, hasStrays: boolean) {
    this.#beginning = id.slice(0, (first ?? last).start)
    this.#between = first === undefined ? undefined : id.slice(first.end, last.start)
    this.#end = id.slice(last.end)
    this.hasStrays = hasStrays
    this.#base = last.value >>> pageBits
  }

  /** Whether an id is of this form. What is asked next is asked of that id: its numbers are remembered. */
  matches(id: string): boolean {
    const end = this.#end
    this.#place = this.#beginning.length
    this.#last = this.#read(id)
    if (this.#last < 0 || (end !== '' && !id.endsWith(end))) return false
    // Quicker than startsWith, which compares one character after the other.
    if (id.slice(0, this.#beginning.length) !== this.#beginning) return false
    const between = this.#between
    if (between !== undefined) {
      if (!id.startsWith(between, this.#place)) return false
      this.#first = this.#last
      this.#place += between.length
      this.#last = this.#read(id)
    }
    return this.#last >= 0 && this.#place === id.length - end.length
  }

  /** The number at a place, which it moves; −1 where there is none. */
  #read(id: string): number {
    const start = this.#place
    let value = 0
    let place = start
    for (; place < id.length; place += 1) {
      const code = id.charCodeAt(place)
      if (!isDigit(code)) break
      value = value * 10 + code - zero
    }
    this.#place = place
    const digits = place - start
    return digits === 1 || (digits > 1 && digits <= mostDigits && id.charCodeAt(start) !== zero) ? value : -1
  }

  /** The sequence of the id, or 0. */
  get(): number {
    const page = this.#pages[(this.#last >>> pageBits) - this.#base]
    const place = this.#last & (pageSize - 1)
    if (page === undefined || (page.before !== undefined && page.before[place] !== this.#first)) return 0
    return page.sequences[place] ?? 0
  }

  /** False when the id's place is taken, or its number lies too far from the others to be kept here. */
  set(sequence: number): boolean {
    const at = (this.#last >>> pageBits) - this.#base
    const page = this.#pages[at] ?? this.#newPage(at)
    const place = this.#last & (pageSize - 1)
    if (page === undefined || page.sequences[place] !== 0) return false
    page.sequences[place] = sequence
    if (page.before !== undefined) page.before[place] = this.#first
    this.#size += 1
    return true
  }

  delete(): void {
    const page = this.#pages[(this.#last >>> pageBits) - this.#base]
    if (page === undefined) return
    page.sequences[this.#last & (pageSize - 1)] = 0
    this.#size -= 1
  }

  #newPage(place: number): Page | undefined {
    const isClose = place >= 0 && place < this.#pages.length + freePages
    if (!isClose || (this.#pageCount >= freePages && this.#size < this.#pageCount * fewestOfAPage)) return undefined
    const before = this.#between === undefined ? undefined : new Uint32Array(pageSize)
    const page = { sequences: new Uint32Array(pageSize), before }
    while (this.#pages.length < place) this.#pages.push(undefined)
    this.#pages[place] = page
    this.#pageCount += 1
    return page
  }
}

/** Of more forms than this each would hold too little. */
const mostForms = 10_000
/** So many forms that were met once are remembered. */
const mostMetOnce = 10_000
/** So many forms are looked at before one is looked up: what is appended together has few. */
const mostRecent = 16
const mostSequence = 0xffff_ffff

/**
 * The sequence of each id. Those that differ by a number that counts them, as nearly all do, are numbers in pages: a map of a million texts takes a
 * tenth of the time of a whole commit to grow, and more to collect.
 */
export class SequenceIndex {
  readonly #forms = new Map<string, Form>()
  /** Forms that were asked about lately, those that are asked about often before others. */
  readonly #recent: Form[] = []
  /** The first id of forms that may be but an id's own: one that never comes again is worth no page. */
  #metOnce = new Map<string, string>()
  /** Forms that were met once have been forgotten, so that the first id of any is perhaps kept by its text. */
  #hasForgotten = false
  readonly #others = new Map<string, number>()

  get(id: string): number | undefined {
    return this.#formOf(id)?.get() || this.#others.get(id)
  }

  /** False when the id is taken; then nothing changes. Sequences begin with 1. */
  add(id: string, sequence: number): boolean {
    const form = this.#formOf(id) ?? this.#newForm(id)
    if (form === undefined) return this.#addOther(id, sequence)
    if (form.get() !== 0 || (form.hasStrays && this.#others.has(id))) return false
    if (sequence <= mostSequence && form.set(sequence)) return true
    form.hasStrays = true
    return this.#addOther(id, sequence)
  }

  /** Forgets an id that is there. */
  delete(id: string): void {
    if (!this.#others.delete(id)) this.#formOf(id)?.delete()
  }

  #addOther(id: string, sequence: number): boolean {
    if (this.#others.has(id)) return false
    this.#others.set(id, sequence)
    return true
  }

  /** The form of an id, which has matched it. */
  #formOf(id: string): Form | undefined {
    const recent = this.#recent
    for (let index = 0; index < recent.length; index += 1) {
      const form = recent[index] as Form
      if (!form.matches(id)) continue
      if (index > 0) {
        recent[index] = recent[index - 1] as Form
        recent[index - 1] = form
      }
      return form
    }
    const numbers = numbersIn(id)
    const form = numbers === undefined ? undefined : this.#forms.get(keyOf(id, numbers))
    if (form?.matches(id) !== true) return undefined
    if (recent.length === mostRecent) recent[mostRecent - 1] = form
    else recent.push(form)
    return form
  }

  /** A form for an id that has none, where it is the second of it; it has matched it. */
  #newForm(id: string): Form | undefined {
    const numbers = numbersIn(id)
    if (numbers === undefined || this.#forms.size >= mostForms) return undefined
    const key = keyOf(id, numbers)
    const firstId = this.#metOnce.get(key)
    if (firstId === undefined) {
      if (this.#metOnce.size >= mostMetOnce) {
        this.#metOnce = new Map()
        this.#hasForgotten = true
      }
      this.#metOnce.set(key, id)
      return undefined
    }
    this.#metOnce.delete(key)
    const form = new Form(firstId, numbersIn(firstId) as Numbers, this.#hasForgotten)
    this.#forms.set(key, form)
    const sequence = this.#others.get(firstId)
    if (sequence !== undefined && form.matches(firstId) && form.set(sequence)) this.#others.delete(firstId)
    form.matches(id)
    return form
  }
}

/** A number in a text. */
type Counter = { readonly value: number; readonly start: number; readonly end: number }

/** The last number of a text that counts something, and the one before it, where there is one. */
type Numbers = { readonly first: Counter | undefined; readonly last: Counter }

function numbersIn(id: string): Numbers | undefined {
  const last = counterBefore(id, id.length)
  return last === undefined ? undefined : { first: counterBefore(id, last.start), last }
}

/** The same for all ids of a form, and for no others: the text without its numbers, and where they were in it. */
function keyOf(id: string, { first, last }: Numbers): string {
  const end = id.slice(last.end)
  if (first === undefined) return `${last.start}|${id.slice(0, last.start)}${end}`
  return `${first.start},${last.start - first.end}|${id.slice(0, first.start)}${id.slice(first.end, last.start)}${end}`
}

/**
 * The last number that stands by itself in a text up to a place: no digits within a word, such as those of a hash, nor a group of digits before
 * a hyphen, such as those of a UUID. One that begins with 0 could be written in two ways.
 */
function counterBefore(id: string, place: number): Counter | undefined {
  let end = place
  while (end > 0) {
    if (!isDigit(id.charCodeAt(end - 1))) {
      end -= 1
      continue
    }
    let start = end - 1
    let value = 0
    for (let unit = 1; start >= 0; unit *= 10) {
      const code = id.charCodeAt(start)
      if (!isDigit(code)) break
      value += (code - zero) * unit
      start -= 1
    }
    start += 1
    const digits = end - start
    const isOne = digits === 1 || (digits <= mostDigits && id.charCodeAt(start) !== zero)
    if (isOne && !(start > 0 && isOfWord(id.charCodeAt(start - 1))) && endsThere(id, end)) return { value, start, end }
    end = start
  }
  return undefined
}

function endsThere(id: string, end: number): boolean {
  if (end === id.length) return true
  const code = id.charCodeAt(end)
  return code !== hyphen && !isOfWord(code)
}

const zero = 48
const hyphen = 45

function isDigit(code: number): boolean {
  return code >= zero && code < zero + 10
}

/** Latin letters; anything beyond ASCII is taken for one. */
function isOfWord(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || code > 127
}

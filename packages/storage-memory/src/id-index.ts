const pageBits = 8
const pageSize = 1 << pageBits
/** A beginning has this many pages before it must show that its numbers lie close enough. */
const freePages = 8
/** So many numbers for each page at least, or they cost more room than in a map. */
const fewestOfAPage = 8

/** The ids of one beginning by the number in which they end. */
class Counted {
  readonly beginning: string
  /** The number of the page that is the first. */
  readonly #base: number
  readonly #pages: (Uint32Array | undefined)[] = []
  #pageCount = 0
  #size = 0

  constructor(beginning: string, first: number) {
    this.beginning = beginning
    this.#base = first >>> pageBits
  }

  /** The number of an id with this beginning; -1 where it has another, or what follows is no number as they are kept. */
  numberOf(id: string): number {
    const start = this.beginning.length
    const digits = id.length - start
    if (digits < 1 || digits > mostDigits) return -1
    const first = id.charCodeAt(start) - zero
    if (first === 0 && digits > 1) return -1
    let number = 0
    for (let place = start; place < id.length; place += 1) {
      const digit = id.charCodeAt(place) - zero
      if (digit < 0 || digit > 9) return -1
      number = number * 10 + digit
    }
    // Quicker than startsWith, which compares one character after the other.
    return id.slice(0, start) === this.beginning ? number : -1
  }

  /** The sequence of a number, or 0. */
  get(number: number): number {
    return this.#pages[(number >>> pageBits) - this.#base]?.[number & (pageSize - 1)] ?? 0
  }

  /** False when the number lies too far from the others to be kept here. */
  set(number: number, sequence: number): boolean {
    const page = this.#pages[(number >>> pageBits) - this.#base] ?? this.#newPage((number >>> pageBits) - this.#base)
    if (page === undefined) return false
    page[number & (pageSize - 1)] = sequence
    this.#size += 1
    return true
  }

  delete(number: number): void {
    const page = this.#pages[(number >>> pageBits) - this.#base]
    if (page === undefined) return
    page[number & (pageSize - 1)] = 0
    this.#size -= 1
  }

  #newPage(place: number): Uint32Array | undefined {
    const isClose = place >= 0 && place < this.#pages.length + freePages
    if (!isClose || (this.#pageCount >= freePages && this.#size < this.#pageCount * fewestOfAPage)) return undefined
    const page = new Uint32Array(pageSize)
    while (this.#pages.length < place) this.#pages.push(undefined)
    this.#pages[place] = page
    this.#pageCount += 1
    return page
  }
}

/** Longer numbers do not fit in 31 bits. */
const mostDigits = 9
/** Of more beginnings than this each would hold too little. */
const mostBeginnings = 10_000
const mostSequence = 0xffff_ffff

/**
 * The sequence of each id. Those that count up behind one beginning, as nearly all do, are numbers in pages: a map of a million texts takes a
 * tenth of the time of a whole commit to grow, and more to collect.
 */
export class IdIndex {
  readonly #counted = new Map<string, Counted>()
  #latest: Counted | undefined
  readonly #others = new Map<string, number>()

  get(id: string): number | undefined {
    const start = numberStart(id)
    const counted = start < 0 ? undefined : this.#counted.get(id.slice(0, start))
    return counted?.get(numberAt(id, start)) || this.#others.get(id)
  }

  /** False when the id is taken; then nothing changes. Sequences begin with 1. */
  add(id: string, sequence: number): boolean {
    const latest = this.#latest
    const next = latest === undefined ? -1 : latest.numberOf(id)
    if (latest !== undefined && next >= 0) return this.#addCounted(latest, next, id, sequence)
    const start = numberStart(id)
    const counted = start < 0 ? undefined : this.#countedOf(id, start)
    if (counted !== undefined) return this.#addCounted(counted, numberAt(id, start), id, sequence)
    return this.#addOther(id, sequence)
  }

  #addCounted(counted: Counted, number: number, id: string, sequence: number): boolean {
    if (counted.get(number) !== 0) return false
    if (this.#others.size > 0 && this.#others.has(id)) return false
    if (sequence > mostSequence || !counted.set(number, sequence)) this.#others.set(id, sequence)
    return true
  }

  #addOther(id: string, sequence: number): boolean {
    if (this.#others.has(id)) return false
    this.#others.set(id, sequence)
    return true
  }

  /** Forgets an id that is there. */
  delete(id: string): void {
    if (this.#others.delete(id)) return
    const start = numberStart(id)
    if (start >= 0) this.#counted.get(id.slice(0, start))?.delete(numberAt(id, start))
  }

  #countedOf(id: string, start: number): Counted | undefined {
    const beginning = id.slice(0, start)
    let counted = this.#counted.get(beginning)
    if (counted === undefined) {
      if (this.#counted.size >= mostBeginnings) return undefined
      counted = new Counted(beginning, numberAt(id, start))
      this.#counted.set(beginning, counted)
    }
    this.#latest = counted
    return counted
  }
}

/** Where the number at the end of an id starts; -1 where it ends in none, in too long a one, or in one that begins with 0. */
function numberStart(id: string): number {
  let start = id.length
  while (start > 0 && isDigit(id.charCodeAt(start - 1))) start -= 1
  const digits = id.length - start
  if (digits === 0 || digits > mostDigits || (digits > 1 && id.charCodeAt(start) === zero)) return -1
  return start
}

function numberAt(id: string, start: number): number {
  let number = 0
  for (let place = start; place < id.length; place += 1) number = number * 10 + id.charCodeAt(place) - zero
  return number
}

const zero = 48

function isDigit(code: number): boolean {
  return code >= zero && code < zero + 10
}

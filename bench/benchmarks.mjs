import { readdirSync } from 'node:fs'

const ending = '.bench.mjs'

/** The names of all benchmarks, sorted. */
export function benchmarkNames() {
  return readdirSync(import.meta.dirname)
    .filter((file) => file.endsWith(ending))
    .map((file) => file.slice(0, -ending.length))
    .sort()
}

/** A benchmark's module: `run({ say, dataFolder })` resolves to its rows, made by `row.mjs`. */
export function loadBenchmark(name) {
  return import(new URL(`${name}${ending}`, import.meta.url).href)
}

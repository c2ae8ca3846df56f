import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { messageOf, SwarmError } from '@tradeswarm/core'

/** The chart library as text to put into a page, its licence with it. */
export type ChartLibrary = { readonly script: string; readonly style: string }

/** Reads uPlot from where it is installed. Throws `CHART_LIBRARY_MISSING`, naming the file. */
export function chartLibrary(): ChartLibrary {
  const require = createRequire(import.meta.url)
  const folder = join(dirname(require.resolve('uplot')), '..')
  const licence = read(join(folder, 'LICENSE')).trim().replaceAll('*/', '')
  // The banner in front is nothing but the project's address, and the page holds none.
  const script = read(join(folder, 'dist', 'uPlot.iife.min.js')).replace(/^\/\*![\s\S]*?\*\/\s*/, '')
  return {
    script: `/* uPlot\n${licence}\n*/\n${script.trim()}`,
    style: read(join(folder, 'dist', 'uPlot.min.css')).trim(),
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new SwarmError({
      code: 'CHART_LIBRARY_MISSING',
      message: `${path}: the chart library of the report cannot be read (${messageOf(error)}): install the package "uplot" again`,
      cause: error,
    })
  }
}

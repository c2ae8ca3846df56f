import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { messageOf, SwarmError } from '@tradeswarm/core'
import { renderReport } from './render-report.js'
import type { ReportExtras, ReportInput } from './report-input.js'

/**
 * Writes the report of a result as one HTML file, its folder made when missing. Whoever reads the path finds the old file
 * or the whole new one. Throws `REPORT_NOT_WRITTEN`, naming the path, and `CHART_LIBRARY_MISSING`.
 */
export async function writeReport(result: ReportInput, path: string, extra: ReportExtras = {}): Promise<void> {
  const page = renderReport(result, extra)
  const target = resolve(path)
  const partial = `${target}.${process.pid}.partial`
  try {
    await mkdir(dirname(target), { recursive: true })
    await writeFile(partial, page)
    await rename(partial, target)
  } catch (error) {
    // What the removal says cannot help more than what made it necessary.
    await rm(partial, { force: true }).catch(() => undefined)
    throw new SwarmError({
      code: 'REPORT_NOT_WRITTEN',
      message: `${path}: the report cannot be written (${messageOf(error)}): give a path in a folder that can be written to`,
      context: { path },
      cause: error,
    })
  }
}

import { mkdir, open, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { messageOf, SwarmError } from '@tradeswarm/core'
import { renderReport, reportMark } from './render-report.js'
import type { ReportExtras, ReportInput } from './report-input.js'

/**
 * Writes the report of a result as one HTML file, its folder made when missing. Whoever reads the path finds the old file
 * or the whole new one. An older report is replaced, any other file is not. Throws `REPORT_NOT_WRITTEN`, naming the path,
 * and `CHART_LIBRARY_MISSING`.
 */
export async function writeReport(result: ReportInput, path: string, extra: ReportExtras = {}): Promise<void> {
  const page = renderReport(result, extra)
  const target = resolve(path)
  const partial = `${target}.${process.pid}.partial`
  if (await isForeign(target)) {
    throw notWritten(path, 'a file that is no report of tradeswarm is there: give another path, or remove it')
  }
  try {
    await mkdir(dirname(target), { recursive: true })
    await writeFile(partial, page)
    await rename(partial, target)
  } catch (error) {
    // What the removal says cannot help more than what made it necessary.
    await rm(partial, { force: true }).catch(() => undefined)
    throw notWritten(path, `${messageOf(error)}: give a path in a folder that can be written to`, error)
  }
}

/** How far into a file the mark of a report may end. */
const markWithinBytes = 512

/** Whether something is there that is no report; what cannot be read here shows itself when it is written. */
async function isForeign(path: string): Promise<boolean> {
  const file = await open(path, 'r').catch(() => undefined)
  if (file === undefined) return false
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(markWithinBytes))
    return !buffer.toString('utf8', 0, bytesRead).includes(reportMark)
  } catch {
    return false
  } finally {
    await file.close()
  }
}

function notWritten(path: string, problem: string, cause?: unknown): SwarmError {
  return new SwarmError({
    code: 'REPORT_NOT_WRITTEN',
    message: `${path}: the report cannot be written: ${problem}`,
    context: { path },
    ...(cause === undefined ? {} : { cause }),
  })
}

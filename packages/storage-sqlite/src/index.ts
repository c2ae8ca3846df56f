export { createSqliteStorage, type SqliteStorageOptions } from './create-sqlite-storage.js'
export { type DamagedRow, findDamagedRows, type RowsVerdict } from './find-damaged-rows.js'

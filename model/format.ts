/** Version counters of what Penumbra writes, and its own version. */

export const toolVersion = "0.1.0";
/** Recording segments (SQLite `user_version`). 2: what is small is stored in packs. */
export const recordingFormat = 2;
/** RUN directories (`run.json`). 2: the log may hold what experiments found. */
export const runFormat = 2;

/** Version counters of what Penumbra writes, and its own version. */

export const toolVersion = "0.1.0";
/** Recording segments (SQLite `user_version`). 2: what is small is stored in packs. 3: a row's checksum covers all of it. */
export const recordingFormat = 3;
/** RUN directories (`run.json`). 2: the log may hold what experiments found. */
export const runFormat = 2;

// Package store reads and writes objects in a local folder or a gs:// bucket
// through one small interface. An object is invisible until it is committed,
// and then it is there whole: a local file is written under a temporary name
// and renamed, a bucket's object is uploaded with a precondition.
//
// Patients' data go through here, so new files have mode 0600 and new folders
// 0700, whatever the umask, and no error holds the name of an object or of the
// root: a name in an archive may be an identity. A caller whose names are
// pseudonyms adds them itself.
//
// What the objects mean is the business of the callers.
package store

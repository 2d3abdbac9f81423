// libarchive's table of formats names writers that need libxml2 (and with it ICU, 30 MB), nettle and bzip2. Only its
// GNU tar is used here; these answer for the others, so that the linker leaves them out of the wheel.
#include <archive.h>

extern "C" {
int archive_write_set_format_7zip(archive*) { return ARCHIVE_FATAL; }
int archive_write_set_format_iso9660(archive*) { return ARCHIVE_FATAL; }
int archive_write_set_format_mtree(archive*) { return ARCHIVE_FATAL; }
int archive_write_set_format_mtree_classic(archive*) { return ARCHIVE_FATAL; }
int archive_write_set_format_xar(archive*) { return ARCHIVE_FATAL; }
int archive_write_set_format_zip(archive*) { return ARCHIVE_FATAL; }
}

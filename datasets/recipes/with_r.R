# Where enforcing domains have their mail, by R with jsonlite, which reads part by part.
suppressMessages(library(jsonlite))
folder <- commandArgs(trailingOnly = TRUE)[1]

# Applies a function to 10,000 records at a time, and puts what it gives together.
read <- function(record, part) {
  found <- list()
  command <- paste0("cat ", shQuote(folder), "/", record, "s-*.ndjson.zst | zstdcat")
  stream_in(pipe(command), pagesize = 10000, verbose = FALSE, simplifyVector = FALSE,
            handler = function(page) found[[length(found) + 1]] <<- part(page))
  do.call(rbind, found)
}

text <- function(value) if (is.null(value)) NA_character_ else as.character(value)
column <- function(records, key) vapply(records, function(r) text(r[[key]]), "")

domains <- read("domain", function(page) {
  first <- lapply(Filter(function(r) identical(r$sts_mode, "enforce") && length(r$mx) > 0, page),
                  function(r) r$mx[[1]])
  data.frame(host = column(first, "host"), observation = column(first, "observation"))
})
hosts <- read("host", function(page) {
  data.frame(host = column(page, "host"), observation = column(page, "observation"),
             certificate = column(page, "certificate_status"))
})
joined <- merge(domains, hosts, by = c("host", "observation"))
joined$provider <- sub("^[^.]*\\.", "", joined$host)
for (provider in sort(unique(joined$provider), method = "radix")) {
  rows <- joined[joined$provider == provider, ]
  cat(provider, nrow(rows), sum(rows$certificate == "ok", na.rm = TRUE), sep = "\t")
  cat("\n")
}

//! Pure emission of GitOps artifacts and inventory files: decisions in, bytes out.

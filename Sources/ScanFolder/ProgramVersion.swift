/// The program's version, as manifests name it.
public let programVersion = "0.1.0"

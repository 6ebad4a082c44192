# What the scripts here share: where a package puts what it brings, and what is installed to build.

locked() { # locked "NAME|NAME" LOCK...: the entries of these locks, without those of these names
    local names=$1
    shift
    cat -- "$@" | awk -v names="^($names)==" '/^[a-z]/ { leave = $0 ~ names } !leave'
}

machine_of() { # the architecture in the name of the one file: sriov-tui-VERSION-linux-MACHINE
    local name=${1##*/}
    echo "${name##*-linux-}"
}

lay_out() { # lay_out FILE MANUAL TREE ZSH: the one file, documents, manual, completion, units, in a tree
    local file=$1 manual=$2 tree=$3 zsh=$4 language
    install -D -m 755 "$file" "$tree/usr/bin/sriov-tui"
    install -D -m 644 "$file.cdx.json" "$tree/usr/share/doc/sriov-tui/sriov-tui.cdx.json"
    install -D -m 644 -t "$tree/usr/share/doc/sriov-tui" "$top/README.md" "$top/README.zh-CN.md"
    for language in . zh_CN; do
        install -D -m 644 -t "$tree/usr/share/doc/sriov-tui/$language/checks" "$manual/$language"/checks/*
        install -D -m 644 -t "$tree/usr/share/man/$language/man8" "$manual/$language/sriov-tui.8"
        gzip -9n "$tree/usr/share/man/$language/man8/sriov-tui.8"
    done
    install -D -m 644 "$manual/sriov-tui.bash" "$tree/usr/share/bash-completion/completions/sriov-tui"
    install -D -m 644 -t "$tree/$zsh" "$manual/_sriov-tui"
    install -D -m 644 -t "$tree/usr/lib/systemd/system" "$top"/packaging/systemd/*
}
